// A new table from a backup, or from an instant of a table's recovery window. The source is never touched.
import {
  RestoreTableFromBackupCommand,
  type RestoreTableFromBackupCommandInput,
  RestoreTableToPointInTimeCommand,
  type RestoreTableToPointInTimeCommandInput,
} from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Wizard from '@cloudscape-design/components/wizard';
import { useMemo, useState } from 'react';
import { extrasText, setExtras } from '../api/carry_over';
import { type Api, makeApi, useApi } from '../api/clients';
import { isRegion } from '../api/session';
import { tableNames, tableProgress } from '../api/tables';
import { ErrorAlert, errorText } from '../components/error_alert';
import { Crumbs } from '../components/page';
import { type Progress, useJobs } from '../hooks/jobs';
import { useAct, useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { ReviewStep } from './restore_review';
import { NewTableStep, type Settings, initialSettings, overridesOf, settingsError } from './restore_settings';
import { type Source, SourceStep, loadSource } from './restore_source';

interface Props {
  backup: string | null; // ARN
  table: string | null; // else: whose past
  at: string | null; // the instant, if it was chosen before
}

export type RestoreRequest =
  | { operation: 'RestoreTableFromBackup'; input: RestoreTableFromBackupCommandInput }
  | { operation: 'RestoreTableToPointInTime'; input: RestoreTableToPointInTimeCommandInput };

// `region`: of the source.
function requestOf(source: Source, region: string, at: Date, settings: Settings): RestoreRequest {
  const overrides = {
    ...overridesOf(settings, source.details),
    // Another Region wants to be told: the key that the service owns.
    ...(settings.region === region ? {} : { SSESpecificationOverride: { Enabled: false } }),
  };
  if (source.backupArn) {
    const input = { TargetTableName: settings.name, BackupArn: source.backupArn, ...overrides };
    return { operation: 'RestoreTableFromBackup', input };
  }
  // By ARN, so that it is found from another Region too.
  const input = {
    SourceTableArn: source.tableArn,
    TargetTableName: settings.name,
    RestoreDateTime: at,
    ...overrides,
  };
  return { operation: 'RestoreTableToPointInTime', input };
}

// A restore is done when what was ticked is set as well.
async function restoreProgress(api: Api, { name, extras }: Settings): Promise<Progress> {
  const progress = await tableProgress(api, name);
  if (progress.state !== 'Completed') return progress;
  try {
    await setExtras(api, name, extras);
    return { ...progress, message: `Set on it: ${extrasText(extras)}.` };
  } catch (error) {
    return { ...progress, message: `The table is there, but not all settings: ${errorText(error)}` };
  }
}

function RestoreWizard({ source, at: given }: { source: Source; at: string | null }) {
  const api = useApi();
  const { follow } = useJobs();
  const [at, setAt] = useState(() =>
    given ? new Date(given) : (source.window?.until ?? source.created ?? new Date()),
  );
  const [settings, setSettings] = useState<Settings>(() => initialSettings(source.table, api.session.region));
  // What is chosen already need not be chosen again.
  const [step, setStep] = useState(source.backupArn || given ? 1 : 0);
  const [tried, setTried] = useState(false);
  // The new table is asked for, and looked for, where it is to be.
  const target = useMemo(
    () => (settings.region === api.session.region ? api : makeApi({ ...api.session, region: settings.region })),
    [api, settings.region],
  );
  const names = useLoad(async () => (isRegion(settings.region) ? tableNames(target) : []), [target]);
  const problem = settingsError(settings, names.value ?? []);
  const request = requestOf(source, api.session.region, at, settings);
  const act = useAct(async () => {
    if (request.operation === 'RestoreTableFromBackup') {
      await target.dynamodb.send(new RestoreTableFromBackupCommand(request.input));
    } else {
      await target.dynamodb.send(new RestoreTableToPointInTimeCommand(request.input));
    }
    const where = target === api ? '' : ` in ${settings.region}`;
    const page = where ? '#/jobs' : href(['tables', settings.name]);
    follow({
      kind: 'Restore',
      title: `Table ${settings.name}${where} from ${source.backupName ?? source.table}`,
      href: page,
      look: () => restoreProgress(target, settings),
    });
    go(page);
  });
  const submit = () => {
    setTried(true);
    if (problem) setStep(1);
    else void act.run();
  };
  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={({ detail }) => {
        if (step === 1 && detail.requestedStepIndex > 1) {
          setTried(true);
          if (problem) return;
        }
        setStep(detail.requestedStepIndex);
      }}
      onCancel={() => history.back()}
      onSubmit={submit}
      submitButtonText="Restore table"
      isLoadingNextStep={act.running}
      allowSkipTo
      i18nStrings={{
        stepNumberLabel: (n) => `Step ${n}`,
        collapsedStepsLabel: (n, count) => `Step ${n} of ${count}`,
        skipToButtonLabel: (one) => `Skip to ${one.title}`,
        navigationAriaLabel: 'Steps',
        cancelButton: 'Cancel',
        previousButton: 'Previous',
        nextButton: 'Next',
        optional: 'optional',
      }}
      steps={[
        { title: 'What and when', content: <SourceStep source={source} at={at} onAt={setAt} /> },
        {
          title: 'New table',
          isOptional: false,
          content: (
            <NewTableStep
              settings={settings}
              onChange={setSettings}
              source={source}
              error={tried ? problem : undefined}
            />
          ),
        },
        {
          title: 'Review and restore',
          content: <ReviewStep source={source} at={at} settings={settings} request={request} error={act.error} />,
        },
      ]}
    />
  );
}

export default function Restore({ backup, table, at }: Props) {
  const api = useApi();
  const source = useLoad(() => loadSource(api, backup, table), [api, backup, table]);
  const crumb = backup
    ? { text: 'Backups', href: '#/backups' }
    : { text: table ?? 'Tables', href: href(['tables', table ?? '', 'backups']) };
  return (
    <SpaceBetween size="s">
      <Crumbs title={backup ? 'Restore table from backup' : 'Restore table to point in time'} crumbs={[crumb]} />
      <ErrorAlert error={source.error} onRetry={source.refresh} />
      {!source.value && !source.error && <Spinner size="large" />}
      {source.value && !source.value.backupArn && !source.value.window && (
        <Alert type="warning" header="Point-in-time recovery is off">
          Turn it on for {table}; from then on every commit can be restored.
        </Alert>
      )}
      {source.value && (source.value.backupArn || source.value.window) && (
        <RestoreWizard key={`${backup} ${table}`} source={source.value} at={at} />
      )}
    </SpaceBetween>
  );
}
