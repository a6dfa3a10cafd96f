// The prices that costs are told by: which hold, which are set for later, and setting them.
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { isDay, isPrice, kindText, pricesOf } from '../api/costs';
import type { PriceLine } from '../api/costs';
import { DataTable } from '../components/data_table';
import { FormDialog } from '../components/form_dialog';
import { useLoad } from '../hooks/load';

interface Dialog {
  lines: PriceLine[];
  onClose: () => void;
  onChanged: () => void;
}

const today = () => new Date().toISOString().slice(0, 10);

function DayField({ value, onChange }: { value: string; onChange: (day: string) => void }) {
  return (
    <FormField
      label="From"
      constraintText="A day in UTC, today at the earliest: what is over keeps its prices"
      errorText={isDay(value) ? undefined : 'A day like 2026-12-01'}
    >
      <Input value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}

function SetPrice({ lines, onClose, onChanged }: Dialog) {
  const api = useApi();
  const line = lines[0];
  const [usd, setUsd] = useState(line?.Usd ?? '');
  const [region, setRegion] = useState(line?.Region ?? '');
  const [day, setDay] = useState(today());
  if (!line) return null;
  return (
    <FormDialog
      title={`Set the price of: ${kindText(line.Kind)}`}
      action="Set price"
      ready={isPrice(usd) && isDay(day)}
      onSubmit={async () => {
        await api.tidemark('SetPrice', {
          Kind: line.Kind,
          Usd: usd,
          From: day,
          ...(region ? { Region: region } : {}),
        });
      }}
      onDone={onChanged}
      onClose={onClose}
    >
      <FormField label="US dollars for a GB" errorText={isPrice(usd) ? undefined : 'A decimal number like 0.25'}>
        <Input value={usd} inputMode="decimal" onChange={({ detail }) => setUsd(detail.value)} />
      </FormField>
      <FormField label="Region" constraintText="Empty: all that have no price of their own">
        <Input value={region} onChange={({ detail }) => setRegion(detail.value.trim())} />
      </FormField>
      <DayField value={day} onChange={setDay} />
    </FormDialog>
  );
}

const ALL = { value: '', label: 'All prices' };

function ResetPrices({ lines, onClose, onChanged }: Dialog) {
  const api = useApi();
  const kinds = [...new Set(lines.map((line) => line.Kind))].map((kind) => ({ value: kind, label: kindText(kind) }));
  const [kind, setKind] = useState('');
  const [day, setDay] = useState(today());
  return (
    <FormDialog
      title="Take the built-in prices again"
      action="Reset"
      ready={isDay(day)}
      onSubmit={async () => {
        await api.tidemark('ResetPrices', { From: day, ...(kind ? { Kind: kind } : {}) });
      }}
      onDone={onChanged}
      onClose={onClose}
    >
      <FormField label="Of">
        <Select
          selectedOption={kinds.find((one) => one.value === kind) ?? ALL}
          options={[ALL, ...kinds]}
          onChange={({ detail }) => setKind(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <DayField value={day} onChange={setDay} />
    </FormDialog>
  );
}

export function PriceBook({ onChanged }: { onChanged: () => void }) {
  const api = useApi();
  const book = useLoad(() => pricesOf(api), [api]);
  const [selected, setSelected] = useState<PriceLine[]>([]);
  const [open, setOpen] = useState<'set' | 'reset'>();
  if (!book.value && !book.error) return null; // the user may not see it
  const lines = book.value?.lines ?? [];
  const changed = () => {
    book.refresh();
    setSelected([]);
    onChanged();
  };
  const close = () => setOpen(undefined);
  const fixed = book.value?.source === 'FILE';
  return (
    <>
      <DataTable
        title="Prices"
        noun="price"
        loaded={book}
        items={lines}
        id={(line) => `${line.From} ${line.Region} ${line.Kind}`}
        selection="single"
        selected={selected}
        onSelect={setSelected}
        description={
          fixed
            ? "Of a file of the server's operator, who can edit it and start the server again"
            : "The latest that has begun holds; they are set in the account of the server's operator"
        }
        actions={
          !fixed && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!lines.some((line) => line.isSet)} onClick={() => setOpen('reset')}>
                Reset
              </Button>
              <Button disabled={selected.length !== 1} onClick={() => setOpen('set')}>
                Set price
              </Button>
            </SpaceBetween>
          )
        }
        columns={[
          { id: 'kind', header: 'Kind', isRowHeader: true, cell: (line) => kindText(line.Kind) },
          { id: 'region', header: 'Region', cell: (line) => line.Region || 'All others' },
          { id: 'usd', header: 'Price of a GB', cell: (line) => `$${line.Usd}` },
          { id: 'from', header: 'From', cell: (line) => line.From },
          { id: 'origin', header: 'Origin', cell: (line) => (line.isSet ? 'Set by the operator' : 'Book') },
        ]}
        empty="There are no prices."
      />
      {open === 'set' && <SetPrice lines={selected} onClose={close} onChanged={changed} />}
      {open === 'reset' && (
        <ResetPrices lines={lines.filter((line) => line.isSet)} onClose={close} onChanged={changed} />
      )}
    </>
  );
}
