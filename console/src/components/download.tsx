// A button that gives a text, made in this page, as a file.
import Button from '@cloudscape-design/components/button';

interface Props {
  text: () => string;
  name: string; // of the file
  type: string; // "text/csv"
  children: string;
  disabled?: boolean;
}

export function Download({ text, name, type, children, disabled }: Props) {
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text()], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Button iconName="download" formAction="none" disabled={disabled} onClick={save}>
      {children}
    </Button>
  );
}
