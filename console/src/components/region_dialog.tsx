import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import { useState } from 'react';
import { isRegion } from '../api/session';

interface Props {
  current: string;
  onChoose: (region: string) => void;
  onClose: () => void;
}

export function RegionDialog({ current, onChoose, onClose }: Props) {
  const [region, setRegion] = useState(current);
  const valid = isRegion(region);
  const choose = () => {
    if (!valid) return;
    onClose();
    onChoose(region);
  };
  return (
    <Modal
      visible
      header="Change Region"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" disabled={!valid} onClick={choose}>
            Change Region
          </Button>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          choose();
        }}
      >
        <FormField label="Region" constraintText="A Region begins to exist when something is first stored in it.">
          <Input value={region} onChange={({ detail }) => setRegion(detail.value)} autoFocus spellcheck={false} />
        </FormField>
      </form>
    </Modal>
  );
}
