import { useState } from 'react';
import { Button } from '@patternfly/react-core';
import { useT } from '@/i18n';

// Pages that came over plain HTTP have no clipboard but the old one.
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
  return undefined;
}

export function CopyText({ text, label }: { text: string; label: string }) {
  const t = useT();
  const [copied, setCopied] = useState('');
  return (
    <Button variant="link" isInline onClick={() => void copy(text).then(() => setCopied(text))} aria-label={`${t('explain.copy')}: ${label}`} data-testid="copy">
      {t(copied === text ? 'explain.copied' : 'explain.copy')}
    </Button>
  );
}
