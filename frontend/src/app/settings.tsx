import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Language } from '@/i18n/catalog';

export type Theme = 'light' | 'dark' | 'system';
export type Settings = { theme: Theme; language: Language; utc: boolean; refresh: number | null; menu: boolean; safeColors: boolean };

const kKey = 'meshscope.settings';

function initial(): Settings {
  const language: Language = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en';
  const defaults: Settings = { theme: 'system', language, utc: false, refresh: null, menu: true, safeColors: false };
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(kKey) ?? '{}') as Partial<Settings>) };
  } catch {
    return defaults;
  }
}

type Held = { settings: Settings; change: (some: Partial<Settings>) => void; dark: boolean };
const SettingsContext = createContext<Held | null>(null);

const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)');

// What a person chose for this browser.
export function SettingsProvider({ children }: { children: ReactNode }) {
  const [settings, setSettings] = useState(initial);
  const [system, setSystem] = useState(() => systemDark().matches);
  const dark = settings.theme === 'dark' || (settings.theme === 'system' && system);

  useEffect(() => {
    const query = systemDark();
    const changed = () => setSystem(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  useEffect(() => {
    document.documentElement.classList.toggle('pf-v6-theme-dark', dark);
  }, [dark]);
  useEffect(() => {
    document.documentElement.lang = settings.language;
  }, [settings.language]);

  const change = useCallback((some: Partial<Settings>) => {
    setSettings((before) => {
      const after = { ...before, ...some };
      try {
        localStorage.setItem(kKey, JSON.stringify(after));
      } catch {
        // A browser that keeps nothing still works until it is closed.
      }
      return after;
    });
  }, []);
  const held = useMemo(() => ({ settings, change, dark }), [settings, change, dark]);
  return <SettingsContext value={held}>{children}</SettingsContext>;
}

export function useSettings(): Held {
  const held = useContext(SettingsContext);
  if (!held) throw new Error('useSettings outside of SettingsProvider');
  return held;
}
