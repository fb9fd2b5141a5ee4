package dev.firn.format.parquet.write;

/** The distinct values of a column chunk, numbered as they appeared. */
public sealed interface ValueDictionary extends AutoCloseable
    permits FixedDictionary, BytesDictionary {
  int size();

  /** The length of all entries, encoded PLAIN. */
  long plainBytes();

  /** The length of the entries of the first {@code count} ids, encoded PLAIN. */
  long plainBytes(int[] ids, int count);

  /** Writes the entries of the first {@code count} ids, encoded PLAIN. */
  void plain(int[] ids, int count, long to);

  /** Writes all entries, encoded PLAIN: {@link #plainBytes()}. */
  void plainAll(long to);

  /** Bytes held on the heap; native memory is the allocator's to count. */
  long heapBytes();

  /** Forgets all entries. */
  void clear();

  @Override
  void close();
}
