// What is done to recovery points: their lives are changed, they are deleted.
import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type Retention, isRetention, lifecycleOf, retentionOf } from '../api/lifecycle';
import { type Point, deletePoint, tableNameOf, updateLifecycle } from '../api/vaults';
import { errorText } from './error_alert';
import { FormDialog } from './form_dialog';
import { Size, Time, countOf, sizeText } from './format';
import { RetentionFields } from './retention_fields';
import { ShowAs } from './show_as';
import { TypedConfirm } from './typed_confirm';

interface Props {
  vault: string;
  points: Point[];
  onClose: () => void;
  onDone: () => void;
}

const arnOf = (point: Point) => point.RecoveryPointArn ?? '';

// The lines of those that were refused, one each.
class NotDeleted extends Error {
  constructor(all: number, lines: string[]) {
    super(lines.join('\n'));
    this.name = `${lines.length} of ${countOf(all, 'recovery point')} not deleted`;
  }
}

export function DeletePoints({ vault, points, locked, onClose, onDone }: Props & { locked: boolean }) {
  const api = useApi();
  const bytes = points.reduce((sum, point) => sum + (point.BackupSizeInBytes ?? 0), 0);
  const one = points.length === 1;
  const remove = async () => {
    const refused: { arn: string; error: unknown }[] = [];
    for (const point of points) {
      try {
        await deletePoint(api, vault, arnOf(point));
      } catch (error) {
        refused.push({ arn: arnOf(point), error });
      }
    }
    if (refused.length < points.length) onDone();
    if (!refused.length) return;
    if (one) throw refused[0]?.error;
    throw new NotDeleted(
      points.length,
      refused.map(({ arn, error }) => `${arn}: ${errorText(error)}`),
    );
  };
  return (
    <TypedConfirm
      title={`Delete ${countOf(points.length, 'recovery point')} of vault ${vault}?`}
      word="delete"
      action={one ? 'Delete recovery point' : 'Delete recovery points'}
      warning={`${sizeText(bytes)} of backups will be gone for good; this cannot be undone. Tables are not touched.`}
      onConfirm={remove}
      onClose={onClose}
    >
      {locked && (
        <Alert type="error">
          Vault {vault} is locked: while it is, nobody can delete a recovery point of it, and this will be refused.
        </Alert>
      )}
      <ul>
        {points.map((point) => (
          <li key={arnOf(point)}>
            {tableNameOf(point.ResourceArn)}, <Time at={point.CreationDate} />,{' '}
            <Size bytes={point.BackupSizeInBytes} />
            <div className="breakable">{arnOf(point)}</div>
          </li>
        ))}
      </ul>
    </TypedConfirm>
  );
}

// When the point would be deleted, if that has come already.
function dueAt(point: Point, { end }: Retention): Date | undefined {
  if (!end || !point.CreationDate) return undefined;
  const due = new Date(point.CreationDate.getTime() + Number(end) * 86_400_000);
  return due.getTime() <= Date.now() ? due : undefined;
}

interface EditProps extends Omit<Props, 'points'> {
  point: Point;
  locked: boolean; // the vault
}

export function EditLifecycle({ vault, point, locked, onClose, onDone }: EditProps) {
  const api = useApi();
  const [retention, setRetention] = useState(retentionOf(point.Lifecycle));
  const due = isRetention(retention) ? dueAt(point, retention) : undefined;
  const input = {
    BackupVaultName: vault,
    RecoveryPointArn: arnOf(point),
    Lifecycle: lifecycleOf(retention) ?? { DeleteAfterDays: -1 },
  };
  return (
    <FormDialog
      title="Edit lifecycle"
      action="Save lifecycle"
      ready={isRetention(retention)}
      onSubmit={() => updateLifecycle(api, input)}
      onDone={onDone}
      onClose={onClose}
    >
      <div>
        Days are counted from <Time at={point.CreationDate} />, when the recovery point of{' '}
        {tableNameOf(point.ResourceArn)} was made.
      </div>
      {locked && <Alert type="info">Vault {vault} is locked: a life can be made longer, and not shorter.</Alert>}
      <RetentionFields value={retention} onChange={setRetention} />
      {due && (
        <Alert type="warning">
          That has passed: the recovery point would be deleted at once, for good. It was due at <Time at={due} />.
        </Alert>
      )}
      <ShowAs service="backup" operation="UpdateRecoveryPointLifecycle" input={input} />
    </FormDialog>
  );
}
