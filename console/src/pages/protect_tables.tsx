import { UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useApi } from '../api/clients';
import { mapSome } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { useAct } from '../hooks/load';

interface Props {
  names: string[];
  onClose: () => void;
  onDone: () => void;
}

// Turns point-in-time recovery on for the chosen tables; for those that have it nothing changes.
export function ProtectTables({ names, onClose, onDone }: Props) {
  const api = useApi();
  const act = useAct(async () => {
    await mapSome(names, (TableName) =>
      api.dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
    );
    onDone();
    onClose();
  });
  return (
    <Modal
      visible
      header="Turn on point-in-time recovery"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={act.running} onClick={() => void act.run()}>
              Turn on
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="s">
        <span>From now on every commit of the last 35 days can be restored: {names.join(', ')}.</span>
        <ErrorAlert error={act.error} />
      </SpaceBetween>
    </Modal>
  );
}
