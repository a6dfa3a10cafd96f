// What an act would cost, beneath the form that does it.
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { useApi } from '../api/clients';
import { estimateOf } from '../api/costs';
import type { Estimate as Estimated, Operations } from '../api/operations';
import { useLoad } from '../hooks/load';

type Input = Operations['EstimateCost']['input'];

// undefined until it is there, and where nobody can tell.
export function useEstimate(input: Input): Estimated | undefined {
  const api = useApi();
  const { TableName, SizeBytes, KeepDays, EveryDays, ColdAfterDays } = input;
  return useLoad(
    async () => (TableName ? estimateOf(api, input) : undefined),
    [api, TableName, SizeBytes, KeepDays, EveryDays, ColdAfterDays],
  ).value;
}

interface Props {
  of: Input;
  children: (estimate: Estimated) => ReactNode;
}

// `children` puts it into words.
export function Estimate({ of, children }: Props) {
  const estimate = useEstimate(of);
  if (!estimate) return null;
  return (
    <Box color="text-body-secondary">
      At AWS: {children(estimate)}, by prices of {estimate.PriceListDate}. <Link href="#/costs">Costs</Link>
    </Box>
  );
}
