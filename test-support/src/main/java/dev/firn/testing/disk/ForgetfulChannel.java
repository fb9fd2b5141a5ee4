package dev.firn.testing.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A channel that tells the disk what it writes and forces. Owns the real one. */
final class ForgetfulChannel extends FileChannel {
  private final FileChannel real;
  private final Path path;
  private final ForgetfulDisk disk;

  ForgetfulChannel(FileChannel real, Path path, ForgetfulDisk disk) {
    this.real = real;
    this.path = path;
    this.disk = disk;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int count = real.write(source);
    disk.change(() -> disk.wrote(path));
    return count;
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long count = real.write(sources, offset, length);
    disk.change(() -> disk.wrote(path));
    return count;
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    int count = real.write(source, position);
    disk.change(() -> disk.wrote(path));
    return count;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    real.truncate(size);
    disk.change(() -> disk.wrote(path));
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    real.force(metadata);
    disk.change(() -> disk.forced(path));
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return real.read(target);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    return real.read(targets, offset, length);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return real.read(target, position);
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    real.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return real.transferTo(position, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    long moved = real.transferFrom(source, position, count);
    disk.change(() -> disk.wrote(path));
    return moved;
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException("what is written to a mapping is not seen");
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return real.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return real.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }
}
