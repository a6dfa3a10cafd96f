// The second step of a restore: the new table's name and settings.
import type { BillingMode, GlobalSecondaryIndex, LocalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Extras } from '../api/carry_over';
import { isRegion } from '../api/session';
import { RestoreExtras } from './restore_extras';
import { type Source, type SourceDetails, Untouched } from './restore_source';

export type IndexChoice = 'all' | 'none' | 'chosen';

export interface Settings {
  name: string;
  region: string; // that the new table is to be in
  indexes: IndexChoice;
  chosen: string[]; // names of indexes, with 'chosen'
  billing: 'same' | BillingMode;
  extras: Extras;
}

const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

// "Users-Restored-20261122-0558"
export function initialSettings(table: string, region: string): Settings {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 13);
  const extras = { recovery: true, deletionProtection: false };
  return {
    name: `${table.slice(0, 230)}-Restored-${stamp}`,
    region,
    indexes: 'all',
    chosen: [],
    billing: 'same',
    extras,
  };
}

export function settingsError({ name, region }: Settings, taken: string[]): string | undefined {
  if (!isRegion(region)) return 'A Region has small letters, digits and hyphens.';
  if (!NAME.test(name)) return '3 to 255 characters: letters, digits, _ - .';
  if (taken.includes(name)) return `There is a table ${name} already; a restore never replaces one.`;
  return undefined;
}

// The members of a restore request that change settings; none where the source's stay.
export function overridesOf(settings: Settings, details: SourceDetails) {
  const overrides: {
    BillingModeOverride?: BillingMode;
    GlobalSecondaryIndexOverride?: GlobalSecondaryIndex[];
    LocalSecondaryIndexOverride?: LocalSecondaryIndex[];
  } = {};
  if (settings.billing !== 'same') overrides.BillingModeOverride = settings.billing;
  if (settings.indexes === 'all') return overrides;
  const kept = (name: string | undefined) => settings.indexes === 'chosen' && settings.chosen.includes(name ?? '');
  if (details.globalIndexes.length) {
    overrides.GlobalSecondaryIndexOverride = details.globalIndexes
      .filter((index) => kept(index.IndexName))
      .map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
  }
  if (details.localIndexes.length) {
    overrides.LocalSecondaryIndexOverride = details.localIndexes
      .filter((index) => kept(index.IndexName))
      .map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
  }
  return overrides;
}

function IndexSettings({
  settings,
  onChange,
  names,
}: {
  settings: Settings;
  onChange: (settings: Settings) => void;
  names: string[];
}) {
  const toggle = (name: string, on: boolean) =>
    onChange({
      ...settings,
      chosen: on ? [...settings.chosen, name] : settings.chosen.filter((one) => one !== name),
    });
  return (
    <FormField label="Secondary indexes">
      <SpaceBetween size="xs">
        <RadioGroup
          ariaLabel="Secondary indexes"
          value={settings.indexes}
          onChange={({ detail }) => onChange({ ...settings, indexes: detail.value as IndexChoice })}
          items={[
            { value: 'all', label: `Restore all (${names.join(', ')})` },
            { value: 'none', label: 'Restore none' },
            { value: 'chosen', label: 'Choose' },
          ]}
        />
        {settings.indexes === 'chosen' &&
          names.map((name) => (
            <Checkbox
              key={name}
              checked={settings.chosen.includes(name)}
              onChange={({ detail }) => toggle(name, detail.checked)}
            >
              {name}
            </Checkbox>
          ))}
      </SpaceBetween>
    </FormField>
  );
}

export function NewTableStep({
  settings,
  onChange,
  source,
  error,
}: {
  settings: Settings;
  onChange: (settings: Settings) => void;
  source: Source;
  error: string | undefined;
}) {
  const { globalIndexes, localIndexes } = source.details;
  const names = [...globalIndexes, ...localIndexes].map((index) => index.IndexName ?? '');
  return (
    <SpaceBetween size="l">
      <Untouched />
      <Container header={<Header variant="h2">New table</Header>}>
        <SpaceBetween size="m">
          <FormField
            label="Name of restored table"
            constraintText="3 to 255 characters: letters, digits, _ - ."
            errorText={error}
          >
            <Input
              value={settings.name}
              onChange={({ detail }) => onChange({ ...settings, name: detail.value })}
              spellcheck={false}
            />
          </FormField>
          <FormField label="Region" constraintText="Restores into another Region of this server are possible.">
            <Input
              value={settings.region}
              onChange={({ detail }) => onChange({ ...settings, region: detail.value })}
              spellcheck={false}
            />
          </FormField>
          {names.length > 0 && <IndexSettings settings={settings} onChange={onChange} names={names} />}
          {source.details.billing !== 'PAY_PER_REQUEST' && (
            <FormField label="Billing mode">
              <RadioGroup
                ariaLabel="Billing mode"
                value={settings.billing}
                onChange={({ detail }) => onChange({ ...settings, billing: detail.value as Settings['billing'] })}
                items={[
                  {
                    value: 'same',
                    label: 'As the source (provisioned)',
                  },
                  { value: 'PAY_PER_REQUEST', label: 'On-demand' },
                ]}
              />
            </FormField>
          )}
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Not carried over, as in DynamoDB</Header>}>
        <RestoreExtras
          offered={source.extras}
          value={settings.extras}
          onChange={(extras) => onChange({ ...settings, extras })}
        />
      </Container>
    </SpaceBetween>
  );
}
