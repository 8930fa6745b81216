import { useMemo } from 'react';
import { useSettings } from '@/app/settings';

// Colours of the theme for what is drawn on a canvas.
export function useColors() {
  const { dark } = useSettings();
  return useMemo(
    () =>
      dark
        ? { text: '#e0e0e0', line: '#4d4d4d', back: '#1f1f1f', good: '#92c5f9', goodChosen: '#e0f0ff', bad: '#f9a8a8', badChosen: '#ff5a5a' }
        : { text: '#383838', line: '#d2d2d2', back: '#ffffff', good: '#b9dafc', goodChosen: '#0066cc', bad: '#fbc5c5', badChosen: '#ee0000' },
    [dark],
  );
}
