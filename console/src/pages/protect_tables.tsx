import { useApi } from '../api/clients';
import { mapSome, turnRecoveryOn } from '../api/tables';
import { Estimate } from '../components/estimate';
import { FormDialog } from '../components/form_dialog';
import { Money } from '../components/money';

interface Props {
  names: string[];
  onClose: () => void;
  onDone: () => void;
}

// Turns point-in-time recovery on for the chosen tables; for those that have it nothing changes.
export function ProtectTables({ names, onClose, onDone }: Props) {
  const api = useApi();
  return (
    <FormDialog
      title="Turn on point-in-time recovery"
      action="Turn on"
      ready
      onSubmit={async () => {
        await mapSome(names, (name) => turnRecoveryOn(api, name));
      }}
      onDone={onDone}
      onClose={onClose}
    >
      <span>From now on every commit of the last 35 days can be restored: {names.join(', ')}.</span>
      {names.length === 1 && (
        <Estimate of={{ TableName: names[0] ?? '' }}>
          {({ PointInTimeRecovery }) => (
            <>
              <Money amount={PointInTimeRecovery.CostPerMonth} /> a month
            </>
          )}
        </Estimate>
      )}
    </FormDialog>
  );
}
