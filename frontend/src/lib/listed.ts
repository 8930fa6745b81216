// Names that the address has under one parameter: "a,b".
export const namesIn = (text: string): string[] => text.split(',').filter((name) => name !== '');

// With this name or without it, the other way round when it is not said which; in one order, whichever came first.
export function withName(text: string, name: string, on?: boolean): string {
  const names = namesIn(text);
  const others = names.filter((one) => one !== name);
  const wanted = on ?? others.length === names.length;
  return (wanted ? [...others, name].sort() : others).join(',');
}
