import { useState } from 'react';
import { Button, Dropdown, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { useSearchParams } from 'react-router';
import { useT } from '@/i18n';
import { queryOf, readSaved, withSaved, writeSaved } from '@/lib/savedSearches';

// Searches that are kept in this browser: the present one is put there, another is taken out or thrown away. `name`: the present one in words.
export function SavedSearches({ name }: { name: string }) {
  const t = useT();
  const [search, setSearch] = useSearchParams();
  const [all, setAll] = useState(() => readSaved(localStorage));
  const [open, setOpen] = useState(false);
  const put = (next: typeof all) => {
    setAll(next);
    writeSaved(localStorage, next);
  };
  const present = queryOf(search);
  const take = (query: string) => {
    setOpen(false);
    setSearch(new URLSearchParams(query));
  };
  return (
    <span className="ms-row" data-testid="saved-searches">
      <Button variant="link" isInline isDisabled={all.some((one) => one.query === present)} onClick={() => put(withSaved(all, { name, query: present }))} data-testid="save-search">
        {t('saved.save')}
      </Button>
      {all.length > 0 && (
        <Dropdown
          isOpen={open}
          onOpenChange={setOpen}
          isScrollable
          toggle={(toggle: React.Ref<MenuToggleElement>) => (
            <MenuToggle ref={toggle} onClick={() => setOpen(!open)} isExpanded={open} size="sm">
              {t('saved.title', { count: all.length })}
            </MenuToggle>
          )}
        >
          <DropdownList>
            {all.map((one) => (
              <DropdownItem key={one.query} onClick={() => take(one.query)} description={one.query === '' ? undefined : decodeURIComponent(one.query.replaceAll('&', ' '))}>
                {one.name}
              </DropdownItem>
            ))}
            <DropdownItem icon={<TrashIcon />} isDanger onClick={() => put(all.filter((one) => one.query !== present))} isDisabled={!all.some((one) => one.query === present)}>
              {t('saved.drop')}
            </DropdownItem>
          </DropdownList>
        </Dropdown>
      )}
    </span>
  );
}
