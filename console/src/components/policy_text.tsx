// A policy document to write, and what it says in words.
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { policyInWords } from '../api/policy_words';

function Review({ text }: { text: string }) {
  const { lines, problem } = policyInWords(text);
  if (problem) return <Box color="text-status-error">{problem}</Box>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

export function isPolicy(text: string): boolean {
  return text !== '' && !policyInWords(text).problem;
}

export function PolicyText({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  return (
    <>
      <FormField label="Policy document" constraintText="JSON, as in AWS" stretch>
        <Textarea value={text} rows={12} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
      </FormField>
      {text && (
        <FormField label="Review: what it says" stretch>
          <Review text={text} />
        </FormField>
      )}
    </>
  );
}
