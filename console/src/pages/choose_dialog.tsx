// A dialog that asks for one of several: a policy to attach, a group to join, a user to add.
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { ErrorAlert } from '../components/error_alert';
import { FormDialog } from '../components/form_dialog';
import { useLoad } from '../hooks/load';

interface Props {
  title: string;
  action: string;
  label: string; // of the field
  load: () => Promise<{ value: string; label: string }[]>;
  empty: string;
  onSubmit: (value: string) => Promise<void>;
  onDone: () => void;
  onClose: () => void;
}

export function ChooseDialog({ title, action, label, load, empty, onSubmit, onDone, onClose }: Props) {
  const loaded = useLoad(load, []);
  const [chosen, setChosen] = useState('');
  const options = loaded.value ?? [];
  return (
    <FormDialog
      title={title}
      action={action}
      ready={chosen !== ''}
      onSubmit={() => onSubmit(chosen)}
      onDone={onDone}
      onClose={onClose}
    >
      <ErrorAlert error={loaded.error} />
      <FormField label={label}>
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === chosen) ?? null}
          placeholder="Choose one"
          filteringType={options.length > 8 ? 'auto' : 'none'}
          filteringAriaLabel={`Filter: ${label}`}
          statusType={loaded.value ? 'finished' : 'loading'}
          empty={empty}
          onChange={({ detail }) => setChosen(detail.selectedOption.value ?? '')}
        />
      </FormField>
    </FormDialog>
  );
}
