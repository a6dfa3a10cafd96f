// Whether a vault is locked, and how, in words.
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Vault, VaultDetails } from '../api/vaults';
import { Time, agoText, countOf } from './format';

type Lock = Pick<Vault | VaultDetails, 'Locked' | 'LockDate' | 'MinRetentionDays' | 'MaxRetentionDays'>;

// Whether nobody can take the lock away any more.
export function isFinal({ Locked, LockDate }: Lock): boolean {
  return Locked === true && LockDate !== undefined && LockDate.getTime() <= Date.now();
}

// "lives of 7 days or more", "lives of 1 to 30 days".
export function livesText({ MinRetentionDays: min, MaxRetentionDays: max }: Lock): string {
  if (min !== undefined && max !== undefined) return `lives of ${min} to ${countOf(max, 'day')}`;
  if (min !== undefined) return `lives of ${countOf(min, 'day')} or more`;
  return max !== undefined ? `lives of ${countOf(max, 'day')} at most` : 'lives of any length';
}

export function LockState({ vault }: { vault: Lock }) {
  if (!vault.Locked) return <StatusIndicator type="stopped">Not locked</StatusIndicator>;
  if (!vault.LockDate) return <StatusIndicator type="success">Governance</StatusIndicator>;
  if (isFinal(vault)) return <StatusIndicator type="success">Compliance, for good</StatusIndicator>;
  return (
    <>
      <StatusIndicator type="pending">Compliance, final {agoText(vault.LockDate)}</StatusIndicator>
      <div>
        <Time at={vault.LockDate} />
      </div>
    </>
  );
}
