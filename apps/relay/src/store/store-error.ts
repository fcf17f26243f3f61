/** A store that could not do what it was asked: nothing was written. `storage_full` when there is no space left. */
export class StoreError extends Error {
  readonly code: 'storage_full' | 'unavailable';

  constructor(code: StoreError['code'], options?: ErrorOptions) {
    super(code === 'storage_full' ? 'no space left' : 'store unavailable', options);
    this.name = 'StoreError';
    this.code = code;
  }
}
