import { useState } from 'react';
import { Button, MenuToggle, SearchInput, Select, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';
import { useNamespaces } from '@/api/queries';
import { useT } from '@/i18n';
import { namesIn, withName } from '@/lib/listed';
import { chosenNow, useChosenNamespaces } from './urlState';

// Which namespaces lists show. The choice counts when the menu closes, so that one question is asked, not one for each click.
export function NamespaceSelector() {
  const t = useT();
  const [chosen, choose] = useChosenNamespaces();
  const [draft, setDraft] = useState<string[] | null>(null);
  const [filter, setFilter] = useState('');
  const namespaces = useNamespaces();
  const open = draft !== null;
  const names = (namespaces.data?.data ?? []).map((one) => one.name).filter((name) => name.toLowerCase().includes(filter.toLowerCase()));
  const setOpen = (wanted: boolean) => {
    if (wanted === open) return;
    if (wanted) {
      setDraft(chosenNow());
      return;
    }
    if (draft) choose(() => draft);
    setDraft(null);
    setFilter('');
  };
  const shown = draft ?? chosen;
  const text =
    shown.length === 0
      ? t('namespaces.all')
      : shown.length === 1
        ? t('namespaces.one', { name: shown[0] ?? '' })
        : t('namespaces.several', { count: shown.length });
  const flip = (name: string) => setDraft((now) => namesIn(withName((now ?? []).join(','), name)));
  return (
    <Select
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_, value) => flip(String(value))}
      role="menu"
      toggle={(toggle: React.Ref<MenuToggleElement>) => (
        <MenuToggle ref={toggle} onClick={() => setOpen(!open)} isExpanded={open} data-testid="namespaces">
          {text}
        </MenuToggle>
      )}
    >
      <div className="ms-menu-head">
        <SearchInput aria-label={t('namespaces.filter')} value={filter} onChange={(_, value) => setFilter(value)} onClear={() => setFilter('')} />
        <Button variant="link" isInline isDisabled={shown.length === 0} onClick={() => setDraft([])}>
          {t('namespaces.clear')}
        </Button>
      </div>
      <SelectList className="ms-menu-list" aria-label={t('namespaces.filter')}>
        {names.map((name) => (
          <SelectOption key={name} value={name} hasCheckbox isSelected={shown.includes(name)}>
            {name}
          </SelectOption>
        ))}
        {names.length === 0 && <SelectOption isDisabled>{t('namespaces.none')}</SelectOption>}
      </SelectList>
    </Select>
  );
}
