import {
  CreateTableCommand,
  type ScalarAttributeType,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { describeTable } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { ShowAs } from '../components/show_as';
import { useAct } from '../hooks/load';

const TYPES = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'B', label: 'Binary' },
];

interface Key {
  name: string;
  type: string;
}

function KeyFields({ label, value, onChange }: { label: string; value: Key; onChange: (key: Key) => void }) {
  return (
    <SpaceBetween direction="horizontal" size="s">
      <FormField label={label}>
        <Input
          value={value.name}
          onChange={({ detail }) => onChange({ ...value, name: detail.value })}
          spellcheck={false}
        />
      </FormField>
      <FormField label="Type">
        <Select
          ariaLabel={`Type of the ${label.toLowerCase()}`}
          options={TYPES}
          selectedOption={TYPES.find(({ value: type }) => type === value.type) ?? null}
          onChange={({ detail }) => onChange({ ...value, type: detail.selectedOption.value ?? 'S' })}
        />
      </FormField>
    </SpaceBetween>
  );
}

export function CreateTable({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [partition, setPartition] = useState<Key>({ name: '', type: 'S' });
  const [sort, setSort] = useState<Key>({ name: '', type: 'S' });
  const [protect, setProtect] = useState(true);
  const keys = sort.name ? [partition, sort] : [partition];
  const input = {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: keys.map((key) => ({
      AttributeName: key.name,
      AttributeType: key.type as ScalarAttributeType,
    })),
    KeySchema: keys.map((key, at) => ({
      AttributeName: key.name,
      KeyType: at ? ('RANGE' as const) : ('HASH' as const),
    })),
  };
  const act = useAct(async () => {
    await api.dynamodb.send(new CreateTableCommand(input));
    onCreated();
    while ((await describeTable(api, name)).TableStatus !== 'ACTIVE')
      await new Promise((done) => setTimeout(done, 200));
    if (protect) {
      await api.dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName: name,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      );
    }
    onCreated();
    onClose();
  });
  const ready = name.length >= 3 && partition.name;
  return (
    <Modal
      visible
      header="Create table"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!ready} loading={act.running} onClick={() => void act.run()}>
              Create table
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Table name" constraintText="3 to 255 characters: letters, digits, _ - .">
          <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
        </FormField>
        <KeyFields label="Partition key" value={partition} onChange={setPartition} />
        <KeyFields label="Sort key (optional)" value={sort} onChange={setSort} />
        <Checkbox
          checked={protect}
          onChange={({ detail }) => setProtect(detail.checked)}
          description="Any commit of the last 35 days can be restored. It costs disk; writes cost the same."
        >
          Point-in-time recovery
        </Checkbox>
        <ShowAs operation="CreateTable" input={input} />
        <ErrorAlert error={act.error} />
      </SpaceBetween>
    </Modal>
  );
}
