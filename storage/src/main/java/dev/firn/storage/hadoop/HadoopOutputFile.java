package dev.firn.storage.hadoop;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;
import dev.firn.storage.Temporaries;
import java.io.IOException;
import java.util.EnumSet;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/** A file to write. Immutable. */
record HadoopOutputFile(HadoopPlace place, StoreMeter meter) implements StoreOutputFile {
  @Override
  public StoreOutputStream create() {
    return HadoopPublication.byClosing(place.fileSystem())
        ? open(HadoopOutputStream.Naming.WHEN_CLOSED, place.path())
        : open(HadoopOutputStream.Naming.NEW, sibling());
  }

  @Override
  public StoreOutputStream createOrOverwrite() {
    return open(HadoopOutputStream.Naming.REPLACE, sibling());
  }

  @Override
  public String location() {
    return place.location();
  }

  @Override
  public RangedInputFile toInputFile() {
    return new HadoopInputFile(place, null, meter);
  }

  @Override
  public String toString() {
    return location();
  }

  private Path sibling() {
    return new Path(place.path().getParent(), Temporaries.next(place.path().getName()));
  }

  private StoreOutputStream open(HadoopOutputStream.Naming naming, Path written) {
    FileSystem fileSystem = place.fileSystem();
    try {
      // HDFS forgets, when its machines lose power, blocks that were not synced; others ignore it.
      FSDataOutputStream stream =
          fileSystem.create(
              written,
              FsPermission.getFileDefault().applyUMask(FsPermission.getUMask(fileSystem.getConf())),
              EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK),
              fileSystem.getConf().getInt("io.file.buffer.size", 64 * 1024),
              fileSystem.getDefaultReplication(written),
              fileSystem.getDefaultBlockSize(written),
              null);
      return new HadoopOutputStream(place, meter, stream, written, naming);
    } catch (IOException e) {
      throw HadoopFailure.translate("create", location(), e);
    }
  }
}
