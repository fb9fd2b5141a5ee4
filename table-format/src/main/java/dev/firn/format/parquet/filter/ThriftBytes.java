package dev.firn.format.parquet.filter;

import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TTransport;
import shaded.parquet.org.apache.thrift.transport.TTransportException;

/**
 * Thrift bytes in memory: whatever a list, map or string claims, it cannot be longer than what is
 * left of them. A cursor. Confined to one thread.
 *
 * <p>It does not let readers share its array, as a transport may: parquet-java takes all of the
 * array that a binary value lies in.
 */
public final class ThriftBytes extends TTransport {
  private final byte[] bytes;
  private final TConfiguration limits;
  private int position;

  /** Borrows {@code bytes}. */
  public ThriftBytes(byte[] bytes) {
    this.bytes = bytes;
    this.limits = TConfiguration.custom().setMaxMessageSize(Math.max(1, bytes.length)).build();
  }

  /** Reads and returns {@code value}; bytes that are none are a {@link TException}. */
  public <T extends TBase<?, ?>> T readInto(T value) throws TException {
    try {
      // The limits are needed: thrift counts a structure as no bytes when it asks whether a list
      // fits, and
      // allocates the list before it reads the first.
      value.read(new TCompactProtocol(this, bytes.length, bytes.length));
      return value;
    } catch (RuntimeException | StackOverflowError e) {
      // Thousands of nested structs overflow the recursive skip of unknown fields.
      throw new TException(e);
    }
  }

  /** Bytes consumed so far. */
  public int position() {
    return position;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void open() {}

  @Override
  public void close() {}

  @Override
  public int read(byte[] target, int offset, int length) throws TTransportException {
    checkReadBytesAvailable(length);
    System.arraycopy(bytes, position, target, offset, length);
    position += length;
    return length;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws TTransportException {
    throw new TTransportException("read only");
  }

  @Override
  public TConfiguration getConfiguration() {
    return limits;
  }

  @Override
  public void updateKnownMessageSize(long size) {}

  @Override
  public void checkReadBytesAvailable(long count) throws TTransportException {
    if (count < 0 || count > bytes.length - position) {
      throw new TTransportException(
          TTransportException.END_OF_FILE,
          "it claims " + count + " bytes where " + (bytes.length - position) + " are left");
    }
  }
}
