// All frameworks, and what they find at a glance.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { CONTROLS, type FrameworkDetails, createFramework, deleteFramework, listFrameworks } from '../api/audit';
import { useApi } from '../api/clients';
import { ComplianceState } from '../components/compliance';
import { DataTable } from '../components/data_table';
import { Time } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { ShowAs } from '../components/show_as';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

export const AUDIT_NAME = /^[a-zA-Z]\w{0,255}$/;
export const AUDIT_NAME_TEXT = 'Letters, digits and _, a letter first';

const nameOf = (framework: FrameworkDetails) => framework.FrameworkName;

function CreateFramework({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(Object.keys(CONTROLS).slice(0, 4));
  const input = {
    FrameworkName: name,
    FrameworkControls: chosen.map((control) => ({ ControlName: control })),
  };
  const toggle = (control: string, on: boolean) =>
    setChosen(on ? [...chosen, control] : chosen.filter((one) => one !== control));
  return (
    <FormDialog
      title="Create framework"
      action="Create framework"
      size="large"
      ready={AUDIT_NAME.test(name) && chosen.length > 0}
      onSubmit={() => createFramework(api, input)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField
        label="Framework name"
        constraintText={AUDIT_NAME_TEXT}
        errorText={name && !AUDIT_NAME.test(name) ? AUDIT_NAME_TEXT : undefined}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <FormField
        label="Controls"
        description="With AWS's defaults: daily, 35 days, no older than a day. Other parameters and scopes: Show as."
      >
        <SpaceBetween size="xs">
          {Object.entries(CONTROLS).map(([control, label]) => (
            <Checkbox
              key={control}
              checked={chosen.includes(control)}
              description={<span className="breakable">{control}</span>}
              onChange={({ detail }) => toggle(control, detail.checked)}
            >
              {label}
            </Checkbox>
          ))}
        </SpaceBetween>
      </FormField>
      <ShowAs service="backup" operation="CreateFramework" input={input} />
    </FormDialog>
  );
}

export function DeleteFramework(props: { name: string; onClose: () => void; onDone: () => void }) {
  const { name, onClose, onDone } = props;
  const api = useApi();
  return (
    <TypedConfirm
      title={`Delete framework ${name}?`}
      word="delete"
      action="Delete framework"
      warning="Reports tell of it no more. Nothing that it judges changes."
      onConfirm={async () => {
        await deleteFramework(api, name);
        onDone();
      }}
      onClose={onClose}
    />
  );
}

export function Frameworks() {
  const api = useApi();
  const loaded = useLoad<FrameworkDetails[]>((_, signal) => listFrameworks(api, signal), [api]);
  const [chosen, setChosen] = useState('');
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((framework) => nameOf(framework) === chosen);
  return (
    <>
      <DataTable
        title="Frameworks"
        noun="framework"
        loaded={loaded}
        items={loaded.value}
        id={nameOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([framework]) => setChosen(framework ? nameOf(framework) : '')}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create framework
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Framework name',
            isRowHeader: true,
            cell: (framework) => (
              <Link href={href(['audit', 'frameworks', nameOf(framework)])}>{nameOf(framework)}</Link>
            ),
          },
          {
            id: 'state',
            header: 'Compliance',
            minWidth: 200,
            cell: (framework) => <ComplianceState controls={framework.Compliance} />,
          },
          { id: 'about', header: 'Description', cell: (framework) => framework.FrameworkDescription || '-' },
          {
            id: 'created',
            header: 'Created',
            cell: (framework) => <Time at={new Date(framework.CreationTime * 1000)} />,
          },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No frameworks</Box>
            <span>What should be so, and is watched: every table in a plan, no backup older than a day.</span>
            <Button onClick={() => setDialog('create')}>Create framework</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && <CreateFramework onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <DeleteFramework name={nameOf(one)} onClose={() => setDialog(null)} onDone={loaded.refresh} />
      )}
    </>
  );
}
