// Whether controls of a framework are kept, at a glance.
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ControlCompliance } from '../api/audit';
import { countOf } from './format';

export function complianceText(controls: ControlCompliance[]): string {
  const bad = controls.filter((one) => one.Status === 'NON_COMPLIANT').length;
  return bad > 0 ? `${bad} of ${countOf(controls.length, 'control')} not kept` : countOf(controls.length, 'control');
}

export function ComplianceState({ controls }: { controls: ControlCompliance[] }) {
  if (controls.some((one) => one.Status === 'NON_COMPLIANT'))
    return <StatusIndicator type="error">{complianceText(controls)}</StatusIndicator>;
  if (controls.every((one) => one.Status === 'INSUFFICIENT_DATA'))
    return <StatusIndicator type="stopped">Nothing to judge</StatusIndicator>;
  return <StatusIndicator type="success">Compliant, {complianceText(controls)}</StatusIndicator>;
}
