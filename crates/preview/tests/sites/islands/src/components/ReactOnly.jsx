import { useState } from 'react';

export default function ReactOnly() {
  const [count, setCount] = useState(0);
  return (
    <div>
      <button id="only" onClick={() => setCount(count + 1)}>only {count}</button>
      <a id="only-link" href="/second/">Only link</a>
    </div>
  );
}
