// A vault of this Region to choose, in which backups are made.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useApi } from '../api/clients';
import { isAirGapped, listVaults } from '../api/vaults';
import { useLoad } from '../hooks/load';
import { go } from '../hooks/route';
import { ErrorAlert } from './error_alert';

const optionOf = (value: string) => ({ value, label: value });

export function VaultChoice({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const api = useApi();
  const vaults = useLoad(async () => (await listVaults(api)).filter((vault) => !isAirGapped(vault)), [api]);
  return (
    <>
      <FormField label="Vault">
        <Select
          selectedOption={value ? optionOf(value) : null}
          options={(vaults.value ?? []).map((vault) => optionOf(vault.BackupVaultName ?? ''))}
          placeholder="Choose a vault"
          filteringType="auto"
          filteringAriaLabel="Filter vaults"
          statusType={vaults.value ? 'finished' : 'loading'}
          empty="No vaults in this Region"
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
        />
      </FormField>
      {vaults.value?.length === 0 && (
        <Alert
          type="info"
          action={
            <Button formAction="none" onClick={() => go('#/vaults')}>
              Vaults
            </Button>
          }
        >
          There are no vaults in this Region yet.
        </Alert>
      )}
      <ErrorAlert error={vaults.error} />
    </>
  );
}
