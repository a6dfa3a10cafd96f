// A policy document in words, so that one sees before saving what it allows. The server is the judge of its form.
interface Statement {
  Effect?: string;
  Principal?: string | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: object;
}

function list(value: string | string[] | undefined): string {
  return value === undefined ? '' : [value].flat().join(', ');
}

// " to everybody", " to arn:aws:iam::123456789012:user/ann"; nothing in policies of users, which name none.
function toWhom(principal: Statement['Principal']): string {
  if (!principal) return '';
  if (isEverybody(principal)) return ' to everybody';
  return ` to ${typeof principal === 'string' ? principal : Object.values(principal).map(list).join(', ')}`;
}

function sentence(statement: Statement): string {
  const verb = statement.Effect === 'Deny' ? 'Denies' : 'Allows';
  const actions = statement.Action ? list(statement.Action) : `everything but ${list(statement.NotAction)}`;
  const named = statement.Resource ? list(statement.Resource) : `everything but ${list(statement.NotResource)}`;
  const resources = named === '*' ? 'everything' : named;
  const condition = statement.Condition ? `, if ${JSON.stringify(statement.Condition)}` : '';
  return `${verb} ${actions} on ${resources}${toWhom(statement.Principal)}${condition}`;
}

function statementsOf(text: string): Statement[] {
  const document = JSON.parse(text) as { Statement?: Statement | Statement[] };
  return [document.Statement ?? []].flat();
}

// Whether an action is meant by a pattern such as backup:Put*.
function means(pattern: string, action: string): boolean {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(action);
}

function isEverybody(principal: Statement['Principal']): boolean {
  return principal === '*' || (typeof principal === 'object' && [principal.AWS ?? []].flat().includes('*'));
}

// Whether a document denies each of these actions to everybody, under no condition.
export function deniesToAll(text: string, actions: string[]): boolean {
  let statements: Statement[];
  try {
    statements = statementsOf(text);
  } catch {
    return false;
  }
  const denials = statements.filter((one) => one.Effect === 'Deny' && !one.Condition && isEverybody(one.Principal));
  return actions.every((action) =>
    denials.some(({ Action, NotAction }) =>
      Action
        ? [Action].flat().some((pattern) => means(pattern, action))
        : ![NotAction ?? '*'].flat().some((pattern) => means(pattern, action)),
    ),
  );
}

export function policyInWords(text: string): { lines: string[]; problem?: string } {
  try {
    const statements = statementsOf(text);
    if (!statements.length) return { lines: [], problem: 'A policy document has a member "Statement".' };
    return { lines: statements.map(sentence) };
  } catch (error) {
    return { lines: [], problem: (error as Error).message };
  }
}
