// Amounts of dollars: short, and exact on hover.

export function moneyText(amount: string): string {
  const dollars = Number(amount);
  if (dollars > 0 && dollars < 0.01) return 'under $0.01';
  return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

export function Money({ amount }: { amount: string | undefined }) {
  if (amount === undefined) return <>-</>;
  return <span title={`${amount} US dollars`}>{moneyText(amount)}</span>;
}
