import { createContext, useCallback, useContext, useMemo, type ReactNode } from 'react';
import { useSettings } from '@/app/settings';
import { translate, type Language, type MessageKey, type Values } from './catalog';

export type Translate = (key: MessageKey, values?: Values) => string;

const LanguageContext = createContext<Language>('en');

export function Translations({ children }: { children: ReactNode }) {
  const { settings } = useSettings();
  return <LanguageContext value={settings.language}>{children}</LanguageContext>;
}

export function useT(): Translate {
  const language = useContext(LanguageContext);
  return useCallback((key, values) => translate(language, key, values), [language]);
}

export type Formats = {
  dateTime: (ms: number) => string;
  time: (ms: number) => string;
  precise: (ms: number) => string; // to the millisecond
  number: (value: number, digits?: number) => string;
  ago: (ms: number) => string;
  seconds: (seconds: number) => string; // 600 is 10m
};

const kAges: ReadonlyArray<[Intl.RelativeTimeFormatUnit, number]> = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

// Times and numbers as the reader's language and time zone write them.
export function useFormats(): Formats {
  const language = useContext(LanguageContext);
  const { settings } = useSettings();
  return useMemo(() => {
    const locale = language === 'en-XA' ? 'en' : language;
    const zone = settings.utc ? 'UTC' : undefined;
    const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone: zone });
    const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', timeZone: zone });
    const fine = new Intl.DateTimeFormat(locale, {
      hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23', timeZone: zone,
    });
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    return {
      dateTime: (ms) => full.format(ms),
      time: (ms) => clock.format(ms),
      precise: (ms) => fine.format(ms),
      number: (value, digits = 0) => value.toLocaleString(locale, { maximumFractionDigits: digits }),
      ago: (ms) => {
        const past = Date.now() - ms;
        const [unit, size] = kAges.find(([, size]) => Math.abs(past) >= size) ?? ['second', 1000];
        return relative.format(-Math.round(past / size), unit);
      },
      seconds: (seconds) => {
        if (seconds % 86400 === 0) return `${seconds / 86400}d`;
        if (seconds % 3600 === 0) return `${seconds / 3600}h`;
        return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
      },
    };
  }, [language, settings.utc]);
}
