// A text with a button that copies it. The clipboard exists only in secure contexts; elsewhere the text stands alone.
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

export function Copy({ text, what, shown = text }: { text: string; what: string; shown?: string }) {
  if (!isSecureContext) return <span>{shown}</span>;
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      textToDisplay={shown}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText="Copied"
      copyErrorText="Not copied"
    />
  );
}
