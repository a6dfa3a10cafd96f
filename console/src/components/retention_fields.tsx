// How long recovery points are kept, and when they move to cold storage.
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { type Retention, retentionProblem } from '../api/lifecycle';

export function RetentionFields({ value, onChange }: { value: Retention; onChange: (retention: Retention) => void }) {
  const problem = retentionProblem(value);
  return (
    <ColumnLayout columns={2}>
      <FormField label="Delete after days" constraintText="Empty: until somebody deletes it" errorText={problem.end}>
        <Input
          value={value.end}
          inputMode="numeric"
          onChange={({ detail }) => onChange({ ...value, end: detail.value })}
        />
      </FormField>
      <FormField label="Move to cold storage after days" constraintText="Empty: never" errorText={problem.cold}>
        <Input
          value={value.cold}
          inputMode="numeric"
          onChange={({ detail }) => onChange({ ...value, cold: detail.value })}
        />
      </FormField>
    </ColumnLayout>
  );
}
