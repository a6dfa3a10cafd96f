// One vault: its recovery points, who may do what with it, its lock.
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type VaultDetails, describeVault } from '../api/vaults';
import { Copy } from '../components/copy';
import { ErrorAlert } from '../components/error_alert';
import { Time, countText } from '../components/format';
import { LockState } from '../components/lock_state';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { VaultLock } from './vault_lock';
import { VaultPoints } from './vault_points';
import { VaultPolicy } from './vault_policy';
import { DeleteVault } from './vaults';

function Facts({ vault }: { vault: VaultDetails }) {
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Recovery points', value: countText(vault.NumberOfRecoveryPoints ?? 0) },
          { label: 'Lock', value: <LockState vault={vault} /> },
          { label: 'Created', value: <Time at={vault.CreationDate} /> },
          { label: 'ARN', value: <Copy text={vault.BackupVaultArn ?? ''} what="ARN" /> },
          { label: 'Key', value: <Copy text={vault.EncryptionKeyArn ?? ''} what="key" /> },
        ]}
      />
    </Container>
  );
}

export default function Vault({ name, tab }: { name: string; tab: string }) {
  const api = useApi();
  const [deleting, setDeleting] = useState(false);
  const vault = useLoad(() => describeVault(api, name), [api, name]);
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Vaults', href: '#/vaults' }]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ButtonDropdown
            items={[{ id: 'delete', text: 'Delete vault', disabled: !vault.value }]}
            onItemClick={() => setDeleting(true)}
          >
            Actions
          </ButtonDropdown>
          <Button variant="primary" onClick={() => go(href(['vault-jobs', 'create'], { vault: name }))}>
            Create on-demand backup
          </Button>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={vault.error} onRetry={vault.refresh} />
      {vault.value && (
        <SpaceBetween size="l">
          <Facts vault={vault.value} />
          <Tabs
            ariaLabel={`Vault ${name}`}
            activeTabId={tab}
            onChange={({ detail }) => go(href(['vaults', name, detail.activeTabId]))}
            tabs={[
              {
                id: 'points',
                label: 'Recovery points',
                content: <VaultPoints vault={vault.value} onChanged={vault.refresh} />,
              },
              { id: 'policy', label: 'Access policy', content: <VaultPolicy name={name} /> },
              { id: 'lock', label: 'Lock', content: <VaultLock vault={vault.value} onChanged={vault.refresh} /> },
            ]}
          />
        </SpaceBetween>
      )}
      {deleting && <DeleteVault name={name} onClose={() => setDeleting(false)} onDone={() => go('#/vaults')} />}
    </Page>
  );
}
