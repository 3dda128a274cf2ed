/*
 * What the disk allows a group commit: memcpy of N records into a buffer, one write(2), one fdatasync, for a while.
 *
 *   limit FILE RECORD_BYTES BATCH MILLISECONDS append|overwrite
 *
 * `append` grows a new file. `overwrite` writes over newlines that are on the disk already, as preallocation does.
 * Prints "records seconds". Stops early at 256 MiB, which is no matter for a rate.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#define sync_data(fd) fcntl((fd), F_FULLFSYNC)
#else
#define sync_data(fd) fdatasync(fd)
#endif

static const long long bytes_max = 256LL << 20;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void need(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  const char *file = argv[1];
  const size_t record_bytes = (size_t)atol(argv[2]);
  const long batch = atol(argv[3]);
  const double seconds = (double)atol(argv[4]) / 1000;
  const int overwrites = strcmp(argv[5], "overwrite") == 0;
  const size_t flush_bytes = record_bytes * (size_t)batch;
  const long long prepared = overwrites ? (long long)(32 << 20) + (long long)flush_bytes : 0;
  char *record = malloc(record_bytes);
  char *buffer = malloc(flush_bytes);
  need(record != NULL && buffer != NULL, "malloc");
  memset(record, 'x', record_bytes);
  record[record_bytes - 1] = '\n';

  const int fd = open(file, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  need(fd >= 0, file);
  static char padding[1 << 20];
  memset(padding, '\n', sizeof padding);
  for (long long done = 0; done < prepared; done += sizeof padding) {
    need(write(fd, padding, sizeof padding) == (ssize_t)sizeof padding, "prepare");
  }
  need(fsync(fd) == 0, "fsync");
  need(lseek(fd, 0, SEEK_SET) == 0, "lseek");

  long long written = 0;
  long long position = 0;
  long long records = 0;
  const double start = now();
  double end = start;
  while (end - start < seconds && written < bytes_max) {
    for (long index = 0; index < batch; index += 1) {
      memcpy(buffer + (size_t)index * record_bytes, record, record_bytes);
    }
    if (overwrites && position + (long long)flush_bytes > prepared) {
      need(lseek(fd, 0, SEEK_SET) == 0, "lseek");
      position = 0;
    }
    need(write(fd, buffer, flush_bytes) == (ssize_t)flush_bytes, "write");
    need(sync_data(fd) == 0, "fdatasync");
    written += (long long)flush_bytes;
    position += (long long)flush_bytes;
    records += batch;
    end = now();
  }
  printf("%lld %.9f\n", records, end - start);
  close(fd);
  unlink(file);
  return 0;
}
