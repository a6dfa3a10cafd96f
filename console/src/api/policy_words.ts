// A policy document in words, so that one sees before saving what it allows. The server is the judge of its form.
interface Statement {
  Effect?: string;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: object;
}

function list(value: string | string[] | undefined): string {
  return value === undefined ? '' : [value].flat().join(', ');
}

function sentence(statement: Statement): string {
  const verb = statement.Effect === 'Deny' ? 'Denies' : 'Allows';
  const actions = statement.Action ? list(statement.Action) : `everything but ${list(statement.NotAction)}`;
  const resources = statement.Resource ? list(statement.Resource) : `everything but ${list(statement.NotResource)}`;
  const condition = statement.Condition ? `, if ${JSON.stringify(statement.Condition)}` : '';
  return `${verb} ${actions} on ${resources === '*' ? 'everything' : resources}${condition}`;
}

export function policyInWords(text: string): { lines: string[]; problem?: string } {
  try {
    const document = JSON.parse(text) as { Statement?: Statement | Statement[] };
    if (!document.Statement) return { lines: [], problem: 'A policy document has a member "Statement".' };
    return { lines: [document.Statement].flat().map(sentence) };
  } catch (error) {
    return { lines: [], problem: (error as Error).message };
  }
}
