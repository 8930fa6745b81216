import { useState, type ReactNode } from 'react';
import { MenuToggle, Select, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';

// One of several values.
export function Choice<T extends string | number>({ label, value, options, onChoose, icon, shown }: {
  label: string;
  value: T;
  options: ReadonlyArray<{ value: T; text: string }>;
  onChoose: (value: T) => void;
  icon?: ReactNode;
  shown?: string; // when the value is none of the options
}) {
  const [open, setOpen] = useState(false);
  const text = options.find((one) => one.value === value)?.text ?? shown ?? String(value);
  return (
    <Select
      isOpen={open}
      selected={value}
      onOpenChange={setOpen}
      isScrollable
      maxMenuHeight="20rem"
      onSelect={(_, chosen) => {
        setOpen(false);
        onChoose(chosen as T);
      }}
      toggle={(toggle: React.Ref<MenuToggleElement>) => (
        <MenuToggle ref={toggle} onClick={() => setOpen(!open)} isExpanded={open} aria-label={`${label}: ${text}`} icon={icon}>
          {text}
        </MenuToggle>
      )}
    >
      <SelectList aria-label={label}>
        {options.map((one) => (
          <SelectOption key={one.value} value={one.value}>
            {one.text}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
