// A backup that AWS Backup made is deleted in its vault, not among the backups of tables.
import type { BackupSummary } from '@aws-sdk/client-dynamodb';
import { useApi } from '../api/clients';
import { go, href } from '../hooks/route';
import { FormDialog } from './form_dialog';

export function ContinueToVault({ backup, onClose }: { backup: BackupSummary; onClose: () => void }) {
  const api = useApi();
  const arn = backup.BackupArn ?? '';
  const open = async () => {
    const { vaultOfPoint } = await import('../api/vaults');
    const vault = await vaultOfPoint(api, arn);
    if (!vault) throw new Error(`No vault holds ${arn}: it has been deleted, or you may not see it.`);
    go(href(['vaults', vault], { select: arn }));
  };
  return (
    <FormDialog title="Backup of AWS Backup" action="Continue to AWS Backup" ready onSubmit={open} onClose={onClose}>
      <div>
        AWS Backup made {backup.BackupName} of table {backup.TableName} and keeps it in a vault. It can be deleted
        there, if the vault's policy and lock allow it, or at the end of its life.
      </div>
    </FormDialog>
  );
}
