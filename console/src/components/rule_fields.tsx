// One rule of a plan: when, into which vault, how long what it makes is kept.
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { type Retention, isRetention, lifecycleOf, retentionOf } from '../api/lifecycle';
import type { BackupRule, BackupRuleInput } from '../api/plans';
import { SCHEDULES, scheduleText } from '../api/schedules';
import { RetentionFields } from './retention_fields';
import { VaultChoice } from './vault_choice';

// As it is edited: what the form has no field for is kept as it is in `input`.
export interface RuleDraft {
  input: BackupRuleInput;
  retention: Retention;
  start: string; // minutes
  completion: string;
  copies: string; // ARNs of vaults, one a line
}

const NAME = /^[a-zA-Z0-9._-]{1,50}$/;
const OWN = 'Own schedule';
const ZONES = ['Etc/UTC', ...Intl.supportedValuesOf('timeZone')];

const VAULT_ARN = /^arn:aws:backup:[a-z0-9-]+:\d{12}:backup-vault:[a-zA-Z0-9_-]{2,50}$/;

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const isMinutes = (text: string) => /^\d{1,6}$/.test(text) && Number(text) >= 60;

export function draftOf(rule: BackupRule | BackupRuleInput): RuleDraft {
  const { RuleId: _, ...input } = rule as BackupRule;
  return {
    input: input as BackupRuleInput,
    retention: retentionOf(rule.Lifecycle),
    start: String(rule.StartWindowMinutes ?? ''),
    completion: String(rule.CompletionWindowMinutes ?? ''),
    copies: (rule.CopyActions ?? []).map((copy) => copy.DestinationBackupVaultArn).join('\n'),
  };
}

export function isRule({ input, retention, start, completion, copies }: RuleDraft): boolean {
  return (
    NAME.test(input.RuleName ?? '') &&
    input.TargetBackupVaultName !== '' &&
    input.ScheduleExpression !== '' &&
    isRetention(retention) &&
    isMinutes(start) &&
    isMinutes(completion) &&
    linesOf(copies).every((line) => VAULT_ARN.test(line))
  );
}

export function ruleOf({ input, retention, start, completion, copies }: RuleDraft): BackupRuleInput {
  const { Lifecycle: _, CopyActions: before = [], ...rest } = input;
  const lifecycle = isRetention(retention) ? lifecycleOf(retention) : undefined;
  const life = lifecycle ? { Lifecycle: lifecycle } : {};
  const actions = linesOf(copies).map(
    (arn) =>
      before.find((copy) => copy.DestinationBackupVaultArn === arn) ?? { DestinationBackupVaultArn: arn, ...life },
  );
  return {
    ...rest,
    StartWindowMinutes: Number(start),
    CompletionWindowMinutes: Number(completion),
    ...life,
    ...(actions.length ? { CopyActions: actions } : {}),
  };
}

function Schedule({
  input,
  onChange,
}: {
  input: BackupRuleInput;
  onChange: (part: Partial<BackupRuleInput>) => void;
}) {
  const expression = input.ScheduleExpression ?? '';
  const known = SCHEDULES.find(([, one]) => one === expression)?.[0] ?? OWN;
  const words = scheduleText(expression);
  const set = (label: string | undefined) => {
    const chosen = SCHEDULES.find(([one]) => one === label)?.[1];
    if (chosen) onChange({ ScheduleExpression: chosen });
  };
  return (
    <ColumnLayout columns={3}>
      <FormField label="How often">
        <Select
          selectedOption={{ value: known, label: known }}
          options={[...SCHEDULES.map(([label]) => label), OWN].map((label) => ({ value: label, label }))}
          onChange={({ detail }) => set(detail.selectedOption.value)}
        />
      </FormField>
      <FormField label="Schedule" constraintText={words ?? 'cron(minutes hours day-of-month month day-of-week year)'}>
        <Input
          value={expression}
          spellcheck={false}
          onChange={({ detail }) => onChange({ ScheduleExpression: detail.value })}
        />
      </FormField>
      <FormField label="Time zone">
        <Autosuggest
          value={input.ScheduleExpressionTimezone ?? ''}
          options={ZONES.map((value) => ({ value }))}
          virtualScroll
          enteredTextLabel={(text) => `Use ${text}`}
          onChange={({ detail }) => onChange({ ScheduleExpressionTimezone: detail.value })}
        />
      </FormField>
    </ColumnLayout>
  );
}

function Minutes(props: { label: string; value: string; onChange: (text: string) => void }) {
  const wrong = !isMinutes(props.value);
  return (
    <FormField label={props.label} errorText={wrong ? 'A whole number of minutes, 60 or more' : undefined}>
      <Input value={props.value} inputMode="numeric" onChange={({ detail }) => props.onChange(detail.value)} />
    </FormField>
  );
}

interface Props {
  draft: RuleDraft;
  onChange: (draft: RuleDraft) => void;
  onRemove?: () => void; // absent: the plan's only rule
}

export function RuleFields({ draft, onChange, onRemove }: Props) {
  const { input, retention, start, completion } = draft;
  const change = (part: Partial<BackupRuleInput>) => onChange({ ...draft, input: { ...input, ...part } });
  const name = input.RuleName ?? '';
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button formAction="none" disabled={!onRemove} ariaLabel={`Remove rule ${name}`} onClick={onRemove}>
              Remove rule
            </Button>
          }
        >
          Rule {name}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={2}>
          <FormField
            label="Rule name"
            errorText={NAME.test(name) ? undefined : '1 to 50 characters: letters, digits, _ - .'}
          >
            <Input value={name} spellcheck={false} onChange={({ detail }) => change({ RuleName: detail.value })} />
          </FormField>
          <VaultChoice
            value={input.TargetBackupVaultName ?? ''}
            onChange={(vault) => change({ TargetBackupVaultName: vault })}
          />
        </ColumnLayout>
        <Schedule input={input} onChange={change} />
        <RetentionFields value={retention} onChange={(next) => onChange({ ...draft, retention: next })} />
        <FormField
          label="Copy to vaults"
          constraintText="ARNs of other vaults, one a line, 5 at most. New ones are kept as long as the rule says."
          errorText={
            linesOf(draft.copies).every((line) => VAULT_ARN.test(line)) ? undefined : 'ARNs of vaults, one a line'
          }
          stretch
        >
          <Textarea
            value={draft.copies}
            rows={2}
            placeholder="arn:aws:backup:eu-west-1:123456789012:backup-vault:audit"
            spellcheck={false}
            onChange={({ detail }) => onChange({ ...draft, copies: detail.value })}
          />
        </FormField>
        <ColumnLayout columns={2}>
          <Minutes
            label="Starts within minutes"
            value={start}
            onChange={(text) => onChange({ ...draft, start: text })}
          />
          <Minutes
            label="Ends within minutes"
            value={completion}
            onChange={(text) => onChange({ ...draft, completion: text })}
          />
        </ColumnLayout>
      </SpaceBetween>
    </Container>
  );
}
