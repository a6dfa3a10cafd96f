// Pages of items, read on as far as somebody wants to see them.
import { useRef, useState } from 'react';
import { useApi } from '../api/clients';
import type { ItemRequest } from '../api/item_query';
import { type ItemPage, type ReadFrom, queryItems, scanItems } from '../api/past';
import { useAct } from './load';

const PAGE = 50; // items
const FILTERED_MAX = 1000; // items read at once while a filter finds none

interface Shown extends ItemPage {
  request: ItemRequest; // what was asked for
}

// Reads on until the page is full or the table ends, so that no page is short because of a filter or a size limit;
// what a selective filter finds is shown as it is found.
export function useItems(from: ReadFrom) {
  const api = useApi();
  const [shown, setShown] = useState<Shown>();
  const round = useRef(0);
  const read = useAct(async (request: ItemRequest, more: boolean) => {
    const mine = ++round.current;
    const filtered = request.input.FilterExpression !== undefined;
    let page: Shown = more && shown ? shown : { items: [], scanned: 0, request };
    const wanted = page.items.length + PAGE;
    let limit = PAGE;
    do {
      const input = {
        ...request.input,
        Limit: filtered ? limit : wanted - page.items.length,
        ExclusiveStartKey: page.last,
      };
      const next =
        request.operation === 'Query' ? await queryItems(api, input, from) : await scanItems(api, input, from);
      if (round.current !== mine) return; // another one was asked for meanwhile
      page = {
        request,
        items: [...page.items, ...next.items],
        scanned: page.scanned + next.scanned,
        last: next.last,
      };
      setShown(page);
      limit = next.items.length ? PAGE : Math.min(limit * 2, FILTERED_MAX);
    } while (page.last && page.items.length < wanted);
  });
  return { shown, read };
}
