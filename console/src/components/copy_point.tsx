// A recovery point is copied into another vault: of this Region, another one, another account of the server.
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { copyJobProgress, startCopy } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { isRetention, lifecycleOf, retentionOf } from '../api/lifecycle';
import { isRegion } from '../api/session';
import { type Point, tableNameOf } from '../api/vaults';
import { useJobs } from '../hooks/jobs';
import { go } from '../hooks/route';
import { FormDialog } from './form_dialog';
import { Time } from './format';
import { RetentionFields } from './retention_fields';
import { RoleField, isRole } from './role_field';
import { ShowAs } from './show_as';

const NAME = /^[a-zA-Z0-9_-]{2,50}$/;
const ACCOUNT = /^\d{12}$/;

interface Place {
  vault: string;
  region: string;
  account: string;
}

function PlaceFields({ value, onChange }: { value: Place; onChange: (place: Place) => void }) {
  const field = (label: string, member: keyof Place, valid: boolean, wrong: string) => (
    <FormField label={label} errorText={valid ? undefined : wrong}>
      <Input
        value={value[member]}
        spellcheck={false}
        onChange={({ detail }) => onChange({ ...value, [member]: detail.value })}
      />
    </FormField>
  );
  const { vault, region, account } = value;
  return (
    <ColumnLayout columns={3}>
      {field('Destination vault', 'vault', !vault || NAME.test(vault), '2 to 50 characters: letters, digits, _ -')}
      {field('Destination Region', 'region', isRegion(region), 'Small letters, digits and hyphens')}
      {field('Destination account', 'account', ACCOUNT.test(account), '12 digits')}
    </ColumnLayout>
  );
}

export function CopyPoint({ vault, point, onClose }: { vault: string; point: Point; onClose: () => void }) {
  const api = useApi();
  const { follow } = useJobs();
  const [place, setPlace] = useState<Place>({
    vault: '',
    region: api.session.region,
    account: api.session.account,
  });
  const [role, setRole] = useState('');
  const [retention, setRetention] = useState(retentionOf(point.Lifecycle));
  const life = isRetention(retention) ? lifecycleOf(retention) : undefined;
  const input = {
    RecoveryPointArn: point.RecoveryPointArn ?? '',
    SourceBackupVaultName: vault,
    DestinationBackupVaultArn: `arn:aws:backup:${place.region}:${place.account}:backup-vault:${place.vault}`,
    IamRoleArn: role,
    ...(life ? { Lifecycle: life } : {}),
  };
  const placed = NAME.test(place.vault) && isRegion(place.region) && ACCOUNT.test(place.account);
  const copy = async () => {
    const id = await startCopy(api, input);
    follow({
      kind: 'Copy',
      title: `Recovery point of ${tableNameOf(point.ResourceArn)} into vault ${place.vault} in ${place.region}`,
      href: '#/vault-jobs/copy',
      look: () => copyJobProgress(api, id),
    });
    go('#/vault-jobs/copy');
  };
  return (
    <FormDialog
      title="Copy recovery point"
      action="Copy"
      size="large"
      ready={placed && isRole(role) && isRetention(retention)}
      onSubmit={copy}
      onClose={onClose}
    >
      <div>
        The recovery point of {tableNameOf(point.ResourceArn)} of <Time at={point.CreationDate} /> stays where it is.
        Its copy is a recovery point of its own.
      </div>
      <PlaceFields value={place} onChange={setPlace} />
      <RetentionFields value={retention} onChange={setRetention} />
      <RoleField value={role} onChange={setRole} />
      <ShowAs service="backup" operation="StartCopyJob" input={input} />
    </FormDialog>
  );
}
