// Choosing which of the settings that a restore leaves out the new table is given all the same.
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Extras } from '../api/carry_over';

interface Props {
  offered: Pick<Extras, 'timeToLive' | 'tags'>; // what the source has
  value: Extras;
  onChange: (value: Extras) => void;
}

export function RestoreExtras({ offered, value, onChange }: Props) {
  const { timeToLive, tags } = offered;
  return (
    <FormField
      label="Set when the table is there"
      description="A restore carries over neither of these, nor streams and policies; the console sets what is ticked."
      constraintText="Keep this tab open until then."
      stretch
    >
      <SpaceBetween size="xs">
        <Checkbox
          checked={value.recovery}
          onChange={({ detail }) => onChange({ ...value, recovery: detail.checked })}
        >
          Point-in-time recovery
        </Checkbox>
        <Checkbox
          checked={value.deletionProtection}
          onChange={({ detail }) => onChange({ ...value, deletionProtection: detail.checked })}
        >
          Deletion protection
        </Checkbox>
        {timeToLive && (
          <Checkbox
            checked={value.timeToLive !== undefined}
            description="Items that have expired meanwhile are deleted again soon."
            onChange={({ detail }) => onChange({ ...value, timeToLive: detail.checked ? timeToLive : undefined })}
          >
            Time to live, by attribute {timeToLive}
          </Checkbox>
        )}
        {tags && tags.length > 0 && (
          <Checkbox
            checked={value.tags !== undefined}
            onChange={({ detail }) => onChange({ ...value, tags: detail.checked ? tags : undefined })}
          >
            Tags: {tags.map((tag) => `${tag.Key}=${tag.Value}`).join(', ')}
          </Checkbox>
        )}
      </SpaceBetween>
    </FormField>
  );
}
