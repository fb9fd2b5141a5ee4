package dev.firn.storage.hadoop;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreMeter;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.util.functional.FutureIO;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A file to read. Immutable. */
record HadoopInputFile(HadoopPlace place, @Nullable Long knownLength, StoreMeter meter)
    implements RangedInputFile {
  @Override
  public long getLength() {
    if (knownLength != null) {
      return knownLength;
    }
    meter.add(StoreMeter.Event.HEAD);
    try {
      return place.fileSystem().getFileStatus(place.path()).getLen();
    } catch (IOException e) {
      throw HadoopFailure.translate("read", location(), e);
    }
  }

  @Override
  public boolean exists() {
    meter.add(StoreMeter.Event.HEAD);
    try {
      return place.fileSystem().exists(place.path());
    } catch (IOException e) {
      throw HadoopFailure.translate("read", location(), e);
    }
  }

  @Override
  public SeekableInputStream newStream() {
    return new HadoopInputStream(this, open("sequential, adaptive"));
  }

  @Override
  public RangeReader openRanges() {
    return new HadoopRangeReader(this, open("parquet, vector, random, adaptive"));
  }

  @Override
  public String location() {
    return place.location();
  }

  @Override
  public String toString() {
    return location();
  }

  /** Object stores fetch what the policy, the first they know, makes likely. */
  private FSDataInputStream open(String policy) {
    meter.add(StoreMeter.Event.READ);
    try {
      FutureDataInputStreamBuilder opening =
          place.fileSystem().openFile(place.path()).opt("fs.option.openfile.read.policy", policy);
      if (knownLength != null) {
        opening.opt("fs.option.openfile.length", Long.toString(knownLength));
      }
      return FutureIO.awaitFuture(opening.build());
    } catch (IOException e) {
      throw HadoopFailure.translate("read", location(), e);
    }
  }
}
