// What a person sets about how things are shown. Not secret, so it outlives the tab.
import { Density, Mode, applyDensity, applyMode } from '@cloudscape-design/global-styles';
import { type ReactNode, createContext, useContext, useEffect, useState } from 'react';

export interface Settings {
  dark: boolean;
  compact: boolean;
  localTime: boolean; // else UTC
}

const KEY = 'tidemark.settings';

function initial(): Settings {
  const settings = { dark: matchMedia('(prefers-color-scheme: dark)').matches, compact: false, localTime: false };
  try {
    return { ...settings, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return settings;
  }
}

const SettingsContext = createContext<{ settings: Settings; change: (part: Partial<Settings>) => void } | null>(null);

export function SettingsProvider({ children }: { children: ReactNode }) {
  const [settings, setSettings] = useState(initial);
  useEffect(() => {
    applyMode(settings.dark ? Mode.Dark : Mode.Light);
    applyDensity(settings.compact ? Density.Compact : Density.Comfortable);
    document.documentElement.style.colorScheme = settings.dark ? 'dark' : 'light';
    localStorage.setItem(KEY, JSON.stringify(settings));
  }, [settings]);
  const change = (part: Partial<Settings>) => setSettings((old) => ({ ...old, ...part }));
  return <SettingsContext.Provider value={{ settings, change }}>{children}</SettingsContext.Provider>;
}

export function useSettings() {
  const context = useContext(SettingsContext);
  if (!context) throw new Error('no settings');
  return context;
}
