// States of tables, backups and jobs, in the service's words.
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';

const TYPES: Record<string, StatusIndicatorProps.Type> = {
  ACTIVE: 'success',
  AVAILABLE: 'success',
  COMPLETED: 'success',
  ENABLED: 'success',
  ABORTED: 'stopped',
  ABORTING: 'in-progress',
  CANCELLED: 'stopped',
  CANCELLING: 'in-progress',
  CREATED: 'pending',
  CREATING: 'in-progress',
  PENDING: 'pending',
  RESTORING: 'in-progress',
  RUNNING: 'in-progress',
  UPDATING: 'in-progress',
  DELETING: 'in-progress',
  DELETED: 'stopped',
  DISABLED: 'warning',
  EXPIRED: 'warning',
  INACTIVE: 'stopped',
  PARTIAL: 'warning',
  CANCELED: 'stopped',
  COMPLIANT: 'success',
  FAILED: 'error',
  INSUFFICIENT_DATA: 'stopped',
  NON_COMPLIANT: 'error',
  SUCCESSFUL: 'success',
  TIMED_OUT: 'warning',
  VALIDATING: 'in-progress',
};

export function Status({ state }: { state: string | undefined }) {
  if (!state) return <>-</>;
  const words = state.charAt(0) + state.slice(1).toLowerCase().replace(/_/g, ' ');
  return <StatusIndicator type={TYPES[state] ?? 'info'}>{words}</StatusIndicator>;
}
