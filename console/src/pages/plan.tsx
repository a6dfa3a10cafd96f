// One plan: its rules in words, when it runs next, and what it backs up.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { retentionText } from '../api/lifecycle';
import { type BackupRule, type PlanDetails, describePlan } from '../api/plans';
import { scheduleText } from '../api/schedules';
import { vaultPlace } from '../api/vaults';
import { Copy } from '../components/copy';
import { ErrorAlert } from '../components/error_alert';
import { Time, agoText, durationText } from '../components/format';
import { Page } from '../components/page';
import { RunCalendar } from '../components/run_calendar';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { PlanSelections } from './plan_selections';
import { DeletePlan } from './plans';

const windowText = (minutes: number | undefined) => (minutes === undefined ? '-' : durationText(minutes * 60));

function Rule({ rule, next }: { rule: BackupRule; next: Date | undefined }) {
  const vault = rule.TargetBackupVaultName ?? '';
  const copies = rule.CopyActions ?? [];
  const tags = Object.entries(rule.RecoveryPointTags ?? {}).map(([key, value]) => `${key} = ${value}`);
  return (
    <Container header={<Header variant="h2">Rule {rule.RuleName}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: 'When',
            value: (
              <>
                {scheduleText(rule.ScheduleExpression) ?? rule.ScheduleExpression}, {rule.ScheduleExpressionTimezone}
                <div className="breakable">{rule.ScheduleExpression}</div>
              </>
            ),
          },
          {
            label: 'Next run',
            value: next ? (
              <>
                <Time at={next} />, {agoText(next)}
              </>
            ) : (
              'Not among the next runs of the plan'
            ),
          },
          { label: 'Vault', value: <Link href={href(['vaults', vault])}>{vault}</Link> },
          { label: 'Kept', value: retentionText(rule.Lifecycle) },
          { label: 'Starts within', value: windowText(rule.StartWindowMinutes) },
          { label: 'Ends within', value: windowText(rule.CompletionWindowMinutes) },
          ...(copies.length
            ? [
                {
                  label: 'Copied to',
                  value: copies.map((copy) => (
                    <div key={copy.DestinationBackupVaultArn} className="breakable">
                      {vaultPlace(copy.DestinationBackupVaultArn)}: {retentionText(copy.Lifecycle)}
                    </div>
                  )),
                },
              ]
            : []),
          ...(tags.length ? [{ label: 'Tags of recovery points', value: tags.join(', ') }] : []),
        ]}
      />
    </Container>
  );
}

function Facts({ plan }: { plan: PlanDetails }) {
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: 'Last run',
            value: plan.LastExecutionDate ? <Time at={plan.LastExecutionDate} /> : 'Never',
          },
          { label: 'Created', value: <Time at={plan.CreationDate} /> },
          { label: 'ARN', value: <Copy text={plan.BackupPlanArn ?? ''} what="ARN" /> },
        ]}
      />
    </Container>
  );
}

export default function Plan({ id }: { id: string }) {
  const api = useApi();
  const [deleting, setDeleting] = useState(false);
  const loaded = useLoad(() => describePlan(api, id), [api, id]);
  const plan = loaded.value;
  const runs = plan?.ScheduledRunsPreview ?? [];
  const times = runs.flatMap((run) => (run.ExecutionTime ? [run.ExecutionTime] : []));
  return (
    <Page
      title={plan?.BackupPlan?.BackupPlanName ?? 'Plan'}
      crumbs={[{ text: 'Plans', href: '#/plans' }]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!plan || plan.DeletionDate !== undefined} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button
            variant="primary"
            disabled={!plan || plan.DeletionDate !== undefined}
            onClick={() => go(href(['plans', id, 'edit']))}
          >
            Edit plan
          </Button>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {plan && (
        <SpaceBetween size="l">
          <Facts plan={plan} />
          {plan.BackupPlan?.Rules?.map((rule) => (
            <Rule
              key={rule.RuleId}
              rule={rule}
              next={runs.find((run) => run.RuleId === rule.RuleId)?.ExecutionTime}
            />
          ))}
          {!plan.DeletionDate && <PlanSelections plan={id} />}
          {times.length > 0 && (
            <Container header={<Header variant="h2">Next runs</Header>}>
              <RunCalendar runs={times} />
            </Container>
          )}
        </SpaceBetween>
      )}
      {deleting && plan && (
        <DeletePlan
          id={id}
          name={plan.BackupPlan?.BackupPlanName ?? id}
          onClose={() => setDeleting(false)}
          onDone={() => go('#/plans')}
        />
      )}
    </Page>
  );
}
