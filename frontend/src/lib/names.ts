// A name in which hosts of the cluster are shorter, where there is little room.
export const shortHost = (text: string): string => text.replaceAll(/\.svc\.cluster\.local\b/g, '');
