// How wide an element is, in pixels, as long as it is shown.
import { useEffect, useRef, useState } from 'react';

const UNKNOWN = 600; // before it is measured

export function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(UNKNOWN);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth || UNKNOWN));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}
