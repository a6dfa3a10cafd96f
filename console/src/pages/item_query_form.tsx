// Which items to read: of the table or an index, by partition and sort key, with filters.
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import {
  ANY,
  type Condition,
  FILTER_OPERATORS,
  type Filter,
  type ItemQuery,
  type ItemRequest,
  SORT_OPERATORS,
  indexesOf,
  takesNoValue,
} from '../api/item_query';
import { ShowAs } from '../components/show_as';

const TYPES = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'BOOL', label: 'Boolean' },
  { value: 'NULL', label: 'Null' },
];

interface Part<T> {
  value: T;
  onChange: (value: T) => void;
}

function Operator({ value, onChange, operators, label }: Part<string> & { operators: string[]; label: string }) {
  return (
    <Select
      ariaLabel={label}
      selectedOption={{ value, label: value }}
      options={operators.map((one) => ({ value: one, label: one }))}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? '=')}
    />
  );
}

function Values({ value, onChange }: Part<Condition>) {
  if (takesNoValue(value.operator)) return <Input value="" disabled onChange={() => {}} />;
  return (
    <Input
      value={value.value}
      spellcheck={false}
      onChange={({ detail }) => onChange({ ...value, value: detail.value })}
    />
  );
}

// The second value of "between".
function UpTo({ value, onChange }: Part<Condition>) {
  if (value.operator !== 'between') return null;
  return (
    <FormField label="up to">
      <Input
        value={value.to}
        spellcheck={false}
        onChange={({ detail }) => onChange({ ...value, to: detail.value })}
      />
    </FormField>
  );
}

function SortKey({ name, value, onChange }: Part<ItemQuery> & { name: string }) {
  const { sort } = value;
  const change = (part: Partial<Condition>) => onChange({ ...value, sort: { ...sort, ...part } });
  return (
    <>
      <FormField label="Sort key condition">
        <Operator
          label="Sort key condition"
          operators={SORT_OPERATORS}
          value={sort.operator}
          onChange={(operator) => change({ operator })}
        />
      </FormField>
      <SpaceBetween size="xs">
        <FormField label={`Sort key: ${name}`} constraintText="Empty: all of the partition">
          <Values value={sort} onChange={change} />
        </FormField>
        <UpTo value={sort} onChange={change} />
        <Checkbox
          checked={value.descending}
          onChange={({ detail }) => onChange({ ...value, descending: detail.checked })}
        >
          Descending
        </Checkbox>
      </SpaceBetween>
    </>
  );
}

function Filters({ value, onChange }: Part<Filter[]>) {
  const set = (at: number, part: Partial<Filter>) =>
    onChange(value.map((one, n) => (n === at ? { ...one, ...part } : one)));
  return (
    <AttributeEditor<Filter>
      items={value}
      empty="No filters: everything that is read is shown."
      addButtonText="Add filter"
      removeButtonText="Remove"
      onAddButtonClick={() => onChange([...value, { ...ANY, attribute: '', type: 'S' }])}
      onRemoveButtonClick={({ detail }) => onChange(value.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: 'Attribute',
          control: (filter, at) => (
            <Input
              value={filter.attribute}
              spellcheck={false}
              onChange={({ detail }) => set(at, { attribute: detail.value })}
            />
          ),
        },
        {
          label: 'Condition',
          control: (filter, at) => (
            <Operator
              label="Condition"
              operators={FILTER_OPERATORS}
              value={filter.operator}
              onChange={(operator) => set(at, { operator })}
            />
          ),
        },
        {
          label: 'Type',
          control: (filter, at) => (
            <Select
              selectedOption={TYPES.find(({ value: type }) => type === filter.type) ?? null}
              options={TYPES}
              onChange={({ detail }) => set(at, { type: detail.selectedOption.value ?? 'S' })}
            />
          ),
        },
        {
          label: 'Value',
          control: (filter, at) => (
            <SpaceBetween size="xxs">
              <Values value={filter} onChange={(next) => set(at, next)} />
              <UpTo value={filter} onChange={(next) => set(at, next)} />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

interface Props extends Part<ItemQuery> {
  table: TableDescription;
  request: ItemRequest;
  running: boolean;
  onRun: () => void;
  onReset: () => void;
  shownAs?: ReactNode; // instead of the request as a stock SDK has it
}

export function ItemQueryForm({ table, value, onChange, request, running, onRun, onReset, shownAs }: Props) {
  const indexes = indexesOf(table);
  const keys = indexes.find((one) => one.name === value.index) ?? indexes[0];
  const options = indexes.map(({ name }) => ({ value: name, label: name || `Table ${table.TableName}` }));
  return (
    <Container header={<Header variant="h2">Scan or query</Header>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onRun();
        }}
      >
        <SpaceBetween size="m">
          <ColumnLayout columns={3}>
            {indexes.length > 1 && (
              <FormField label="Table or index">
                <Select
                  options={options}
                  selectedOption={options.find((one) => one.value === value.index) ?? null}
                  onChange={({ detail }) =>
                    onChange({ ...value, index: detail.selectedOption.value ?? '', sort: ANY })
                  }
                />
              </FormField>
            )}
            <FormField
              label={`Partition key: ${keys?.partition}`}
              constraintText={
                keys?.sort ? `Empty: all items; with it, ${keys.sort} can be given too` : 'Empty: all items'
              }
            >
              <Input
                value={value.partition}
                onChange={({ detail }) => onChange({ ...value, partition: detail.value })}
                placeholder="Any"
                spellcheck={false}
              />
            </FormField>
            {keys?.sort && value.partition && <SortKey name={keys.sort} value={value} onChange={onChange} />}
          </ColumnLayout>
          <Filters value={value.filters} onChange={(filters) => onChange({ ...value, filters })} />
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="submit" loading={running}>
              Run
            </Button>
            <Button formAction="none" variant="link" onClick={onReset}>
              Reset
            </Button>
          </SpaceBetween>
          {shownAs ?? <ShowAs operation={request.operation} input={request.input} />}
        </SpaceBetween>
      </form>
    </Container>
  );
}
