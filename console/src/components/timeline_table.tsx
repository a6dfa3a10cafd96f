// The numbers of a timeline, for who does not see the picture.
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Activity } from '../api/operations';
import { Time, countOf, countText, durationText } from './format';

const ROWS = 50;

export function ActivityTable({ activity, onPick }: { activity: Activity; onPick: (second: number) => void }) {
  const [open, setOpen] = useState(false);
  const bins = activity.Bins.toReversed().slice(0, ROWS);
  const counts = `${countOf(activity.Puts, 'write')} and ${countOf(activity.Deletes, 'delete')}`;
  const summary = `${counts}, bars of ${durationText(activity.BinSeconds)}`;
  return (
    <ExpandableSection
      headerText={`As a table: ${summary}`}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && (
        <Table
          variant="embedded"
          items={bins}
          trackBy="Begin"
          ariaLabels={{ tableLabel: 'Writes and deletes' }}
          empty="No writes in this period."
          columnDefinitions={[
            { id: 'begin', header: 'From', cell: (bin) => <Time at={bin.Begin} />, isRowHeader: true },
            { id: 'writes', header: 'Writes', cell: (bin) => countText(bin.Puts) },
            { id: 'overwrites', header: 'Of these overwrites', cell: (bin) => countText(bin.Overwrites) },
            { id: 'deletes', header: 'Deletes', cell: (bin) => countText(bin.Deletes) },
            {
              id: 'go',
              header: 'Instant',
              minWidth: 130,
              cell: (bin) => (
                <Button
                  variant="inline-link"
                  ariaLabel={`Go before it: ${bin.Begin}`}
                  onClick={() => onPick(Date.parse(bin.Begin) / 1000 - 1)}
                >
                  Go before it
                </Button>
              ),
            },
          ]}
        />
      )}
    </ExpandableSection>
  );
}
