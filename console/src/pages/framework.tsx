// One framework: its controls, and what does not keep them.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import {
  CONTROLS,
  type ControlCompliance,
  type Finding,
  type FrameworkControl,
  type FrameworkDetails,
  describeFramework,
} from '../api/audit';
import { useApi } from '../api/clients';
import { ComplianceState } from '../components/compliance';
import { Copy } from '../components/copy';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { go } from '../hooks/route';
import { DeleteFramework } from './frameworks';

type Row = ControlCompliance & { control: FrameworkControl | undefined };
type Lack = Finding & { ControlName: string };

// "recoveryPointAgeValue 6", "tag stage = production".
function settingLines(control: FrameworkControl | undefined): string[] {
  const scope = control?.ControlScope;
  return [
    ...(control?.ControlInputParameters ?? []).map((one) => `${one.ParameterName} ${one.ParameterValue}`),
    ...(scope?.ComplianceResourceIds ?? []).map((id) => `of ${id}`),
    ...(scope?.ComplianceResourceTypes ?? []),
    ...Object.entries(scope?.Tags ?? {}).map(([key, value]) => `tag ${key}${value && ` = ${value}`}`),
  ];
}

function Controls({ framework }: { framework: FrameworkDetails }) {
  const rows: Row[] = framework.Compliance.map((one) => ({
    ...one,
    control: framework.FrameworkControls.find((control) => control.ControlName === one.ControlName),
  }));
  return (
    <DataTable
      title="Controls"
      noun="control"
      loaded={{ loading: false, error: undefined, at: undefined, refresh: () => undefined }}
      items={rows}
      id={(row) => row.ControlName}
      columns={[
        {
          id: 'name',
          header: 'Control',
          minWidth: 220,
          isRowHeader: true,
          cell: (row) => (
            <>
              {CONTROLS[row.ControlName] ?? row.ControlName}
              <div className="breakable">{row.ControlName}</div>
            </>
          ),
        },
        { id: 'status', header: 'Status', minWidth: 150, cell: (row) => <Status state={row.Status} /> },
        { id: 'good', header: 'Comply', cell: (row) => row.CompliantResources },
        { id: 'bad', header: 'Do not', cell: (row) => row.NonCompliantResources },
        {
          id: 'settings',
          header: 'Parameters and scope',
          minWidth: 180,
          cell: (row) =>
            settingLines(row.control).map((line) => (
              <div key={line} className="breakable">
                {line}
              </div>
            )),
        },
      ]}
      empty="No controls"
    />
  );
}

function Lacks({
  framework,
  loaded,
}: {
  framework: FrameworkDetails;
  loaded: Parameters<typeof DataTable>[0]['loaded'];
}) {
  const lacks: Lack[] = framework.Compliance.flatMap((one) =>
    one.Findings.map((finding) => ({ ...finding, ControlName: one.ControlName })),
  );
  return (
    <DataTable
      title="What does not comply"
      noun="resource"
      loaded={loaded}
      items={lacks}
      id={(lack) => `${lack.ControlName} ${lack.ResourceArn}`}
      columns={[
        {
          id: 'arn',
          header: 'Resource',
          minWidth: 200,
          isRowHeader: true,
          cell: (lack) => <span className="breakable">{lack.ResourceArn.replace(/^arn:aws:\w+:/, '')}</span>,
        },
        {
          id: 'control',
          header: 'Control',
          minWidth: 180,
          cell: (lack) => CONTROLS[lack.ControlName] ?? lack.ControlName,
        },
        { id: 'why', header: 'What it lacks', minWidth: 260, cell: (lack) => lack.Reason },
      ]}
      empty="Everything that is judged complies."
    />
  );
}

export default function FrameworkPage({ name }: { name: string }) {
  const api = useApi();
  const [deleting, setDeleting] = useState(false);
  const loaded = useLoad(() => describeFramework(api, name), [api, name]);
  const framework = loaded.value;
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Frameworks and reports', href: '#/audit/frameworks' }]}
      actions={
        <Button disabled={!framework} onClick={() => setDeleting(true)}>
          Delete
        </Button>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {framework && (
        <SpaceBetween size="l">
          <Container>
            <KeyValuePairs
              columns={3}
              items={[
                { label: 'Compliance', value: <ComplianceState controls={framework.Compliance} /> },
                { label: 'Created', value: <Time at={new Date(framework.CreationTime * 1000)} /> },
                { label: 'Description', value: framework.FrameworkDescription || '-' },
                { label: 'ARN', value: <Copy text={framework.FrameworkArn} what="ARN" /> },
              ]}
            />
          </Container>
          <Lacks framework={framework} loaded={loaded} />
          <Controls framework={framework} />
        </SpaceBetween>
      )}
      {deleting && (
        <DeleteFramework name={name} onClose={() => setDeleting(false)} onDone={() => go('#/audit/frameworks')} />
      )}
    </Page>
  );
}
