// One vault: its recovery points, who may do what with it, its lock.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type VaultDetails, describeVault, isAirGapped } from '../api/vaults';
import { Copy } from '../components/copy';
import { ErrorAlert } from '../components/error_alert';
import { Time, countText } from '../components/format';
import { LockState, livesText } from '../components/lock_state';
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
          { label: 'Type', value: isAirGapped(vault) ? 'Logically air-gapped' : 'Backup vault' },
          { label: 'Recovery points', value: countText(vault.NumberOfRecoveryPoints ?? 0) },
          { label: 'Lock', value: <LockState vault={vault} /> },
          { label: 'Created', value: <Time at={vault.CreationDate} /> },
          { label: 'ARN', value: <Copy text={vault.BackupVaultArn ?? ''} what="ARN" /> },
          {
            label: 'Key',
            value: vault.EncryptionKeyArn ? <Copy text={vault.EncryptionKeyArn} what="key" /> : 'Of no account',
          },
        ]}
      />
    </Container>
  );
}

// What it means that a vault is air-gapped.
function AirGap({ vault }: { vault: VaultDetails }) {
  return (
    <Alert type="info" header="Logically air-gapped">
      Recovery points come here as copies, of {livesText(vault)}, and nobody can delete them before that, nor change
      the lock, root included.{' '}
      {vault.EncryptionKeyArn
        ? 'They are sealed under the key below: while it cannot be used, neither can they.'
        : 'They are sealed under a key that belongs to no account: nobody can disable or delete it.'}{' '}
      They lie on this server’s disk, though: against its loss, copy backups to a store or another server as well. The
      access policy can let other accounts look and restore.
    </Alert>
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
          {vault.value && !isAirGapped(vault.value) && (
            <Button variant="primary" onClick={() => go(href(['vault-jobs', 'create'], { vault: name }))}>
              Create on-demand backup
            </Button>
          )}
        </SpaceBetween>
      }
    >
      <ErrorAlert error={vault.error} onRetry={vault.refresh} />
      {vault.value && (
        <SpaceBetween size="l">
          {isAirGapped(vault.value) && <AirGap vault={vault.value} />}
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
