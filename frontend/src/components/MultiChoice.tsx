import { useState } from 'react';
import { Badge, MenuToggle, Select, SelectGroup, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';

export type ChoiceGroup = { title: string; options: ReadonlyArray<{ value: string; text: string }> };

// Some of several values, in groups. `values` of all groups are distinct.
export function MultiChoice({ label, chosen, groups, onFlip, testId }: {
  label: string;
  chosen: ReadonlySet<string>;
  groups: readonly ChoiceGroup[];
  onFlip: (value: string) => void;
  testId?: string;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Select
      role="menu"
      isOpen={open}
      onOpenChange={setOpen}
      isScrollable
      maxMenuHeight="24rem"
      onSelect={(_, value) => onFlip(String(value))}
      toggle={(toggle: React.Ref<MenuToggleElement>) => (
        <MenuToggle ref={toggle} onClick={() => setOpen(!open)} isExpanded={open} data-testid={testId} badge={chosen.size > 0 ? <Badge isRead>{chosen.size}</Badge> : undefined}>
          {label}
        </MenuToggle>
      )}
    >
      {groups.map((group) => (
        <SelectGroup key={group.title} label={group.title}>
          <SelectList>
            {group.options.map((one) => (
              <SelectOption key={one.value} value={one.value} hasCheckbox isSelected={chosen.has(one.value)}>
                {one.text}
              </SelectOption>
            ))}
          </SelectList>
        </SelectGroup>
      ))}
    </Select>
  );
}
