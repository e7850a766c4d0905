//! The file calls of WASI and WASIX, implemented by [`Descriptors`] instead of wasmer-wasix.
//!
//! wasmer-wasix has a filesystem layer between a guest and its files that caches lengths that have changed, drops the
//! errors of `close`, has a dozen error numbers, and holds one lock while a file is opened. All of its file calls are
//! replaced by functions that only check the guest's addresses; threads, clocks and the process remain its own.

use std::{sync::Arc, time::Instant};

use afmpeg_vfs::{
    VPath,
    adapter::wasi::{
        Descriptors, Errno, Fd, FdFlags, FdFlagsExt, FstFlags, Lookup, OFlags, OpenFlags, Rights, Whence,
    },
};
use wasmer::{
    Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Memory, Module, RuntimeError, StoreMut,
    TypedFunction,
};
use wasmer_wasix::WasiError;

use super::{
    memory::GuestMemory,
    poll::{Found, Poll},
    stop::Stop,
    transfer::{Bounce, Request},
};

/// The namespaces of the imports.
const NAMESPACES: &[&str] = &["wasi_snapshot_preview1", "wasix_32v1"];

/// The initial size of a buffer for a directory listing, whatever the size of the guest's.
const LISTED: usize = 64 << 10;

/// The state of the functions of one instance.
pub(super) struct Files {
    fds: Arc<Descriptors>,
    stop: Arc<Stop>,
    memory: Memory,
    /// The thread's buffer: every thread of a guest has its own instance.
    bounce: Bounce,
    /// The function of wasmer-wasix, for sleeping.
    poll: Option<TypedFunction<(u32, u32, u32, u32), i32>>,
}

/// An error number, or the end of this thread because its job is over.
type Answer = Result<i32, RuntimeError>;

type Env<'a> = FunctionEnvMut<'a, Files>;

macro_rules! functions {
    ($($name:ident),+ $(,)?) => {
        /// The names of all functions.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Replaces the file calls in an instance's `imports`.
        pub(super) fn define(
            module: &Module,
            store: &mut StoreMut<'_>,
            imports: &mut Imports,
            fds: &Arc<Descriptors>,
            stop: &Arc<Stop>,
        ) -> anyhow::Result<()> {
            let memory = match imports.get_export("env", "memory") {
                Some(Extern::Memory(memory)) => memory,
                _ => anyhow::bail!("a module must import its memory as env.memory"),
            };
            let poll = match imports.get_export(NAMESPACES[0], "poll_oneoff") {
                Some(Extern::Function(poll)) => Some(poll.typed(store)?),
                _ => None,
            };
            let files = Files { fds: Arc::clone(fds), stop: Arc::clone(stop), memory, bounce: Bounce::default(), poll };
            let env = FunctionEnv::new(store, files);
            for import in module.imports().filter(|import| NAMESPACES.contains(&import.module())) {
                let function = match import.name() {
                    $(stringify!($name) => Function::new_typed_with_env(store, &env, $name),)+
                    _ => continue,
                };
                imports.define(import.module(), import.name(), function);
            }
            Ok(())
        }
    };
}

functions!(
    chdir,
    fd_advise,
    fd_allocate,
    fd_close,
    fd_datasync,
    fd_dup,
    fd_dup2,
    fd_fdflags_get,
    fd_fdflags_set,
    fd_fdstat_get,
    fd_fdstat_set_flags,
    fd_fdstat_set_rights,
    fd_filestat_get,
    fd_filestat_set_size,
    fd_filestat_set_times,
    fd_pread,
    fd_prestat_dir_name,
    fd_prestat_get,
    fd_pwrite,
    fd_read,
    fd_readdir,
    fd_renumber,
    fd_seek,
    fd_sync,
    fd_tell,
    fd_write,
    getcwd,
    path_create_directory,
    path_filestat_get,
    path_filestat_set_times,
    path_link,
    path_open,
    path_open2,
    path_readlink,
    path_remove_directory,
    path_rename,
    path_symlink,
    path_unlink_file,
    poll_oneoff,
    random_get,
);

/// Runs a call, unless the job is over.
fn call(env: &Env<'_>, run: impl FnOnce(&Descriptors, &GuestMemory<'_>) -> Result<(), Errno>) -> Answer {
    let files = env.data();
    if let Some(exit) = files.stop.exit() {
        return Err(RuntimeError::user(Box::new(WasiError::Exit(exit))));
    }
    let memory = GuestMemory::new(files.memory.view(env));
    Ok(run(&files.fds, &memory).map_or_else(|errno| i32::from(errno.raw()), |()| 0))
}

fn fd_read(env: Env<'_>, fd: Fd, list: u32, count: u32, done: u32) -> Answer {
    let (request, bounce) = (Request { list, count, done }, &env.data().bounce);
    call(&env, |fds, memory| fds.at_cursor(fd, |cursor| request.read(memory, bounce, cursor)))
}

fn fd_write(env: Env<'_>, fd: Fd, list: u32, count: u32, done: u32) -> Answer {
    let (request, bounce) = (Request { list, count, done }, &env.data().bounce);
    call(&env, |fds, memory| fds.at_cursor(fd, |cursor| request.write(memory, bounce, cursor)))
}

fn fd_pread(env: Env<'_>, fd: Fd, list: u32, count: u32, offset: u64, done: u32) -> Answer {
    let (request, bounce) = (Request { list, count, done }, &env.data().bounce);
    call(&env, |fds, memory| fds.at_offset(fd, offset, |cursor| request.read(memory, bounce, cursor)))
}

fn fd_pwrite(env: Env<'_>, fd: Fd, list: u32, count: u32, offset: u64, done: u32) -> Answer {
    let (request, bounce) = (Request { list, count, done }, &env.data().bounce);
    call(&env, |fds, memory| fds.at_offset(fd, offset, |cursor| request.write(memory, bounce, cursor)))
}

fn fd_seek(env: Env<'_>, fd: Fd, by: i64, whence: u32, place: u32) -> Answer {
    call(&env, |fds, memory| {
        let whence = match whence {
            0 => Whence::Start,
            1 => Whence::Current,
            2 => Whence::End,
            _ => return Err(Errno::Inval),
        };
        memory.write_u64(place, fds.seek(fd, by, whence)?)
    })
}

fn fd_tell(env: Env<'_>, fd: Fd, place: u32) -> Answer {
    call(&env, |fds, memory| memory.write_u64(place, fds.seek(fd, 0, Whence::Current)?))
}

fn fd_close(env: Env<'_>, fd: Fd) -> Answer {
    call(&env, |fds, _| fds.close(fd))
}

fn fd_sync(env: Env<'_>, fd: Fd) -> Answer {
    call(&env, |fds, _| fds.sync(fd))
}

fn fd_datasync(env: Env<'_>, fd: Fd) -> Answer {
    call(&env, |fds, _| fds.sync(fd))
}

fn fd_advise(env: Env<'_>, fd: Fd, _offset: u64, _len: u64, _advice: u32) -> Answer {
    call(&env, |fds, _| fds.advise(fd))
}

fn fd_allocate(env: Env<'_>, fd: Fd, offset: u64, len: u64) -> Answer {
    call(&env, |fds, _| fds.allocate(fd, offset, len))
}

fn fd_dup(env: Env<'_>, fd: Fd, made: u32) -> Answer {
    call(&env, |fds, memory| memory.write_u32(made, fds.dup(fd)?))
}

fn fd_dup2(env: Env<'_>, fd: Fd, min: Fd, close_on_exec: u32, made: u32) -> Answer {
    let flags = if close_on_exec == 0 { FdFlagsExt::empty() } else { FdFlagsExt::CLOEXEC };
    call(&env, |fds, memory| memory.write_u32(made, fds.duplicate(fd, min, flags)?))
}

fn fd_renumber(env: Env<'_>, from: Fd, to: Fd) -> Answer {
    call(&env, |fds, _| fds.duplicate_to(from, to))
}

fn fd_fdflags_get(env: Env<'_>, fd: Fd, flags: u32) -> Answer {
    call(&env, |fds, memory| memory.write(flags, &fds.flags_ext(fd)?.bits().to_le_bytes()))
}

fn fd_fdflags_set(env: Env<'_>, fd: Fd, flags: u32) -> Answer {
    call(&env, |fds, _| fds.set_flags_ext(fd, FdFlagsExt::from_bits_retain(low_half(flags))))
}

fn fd_fdstat_get(env: Env<'_>, fd: Fd, stat: u32) -> Answer {
    call(&env, |fds, memory| memory.write(stat, &fds.fdstat(fd)?.to_bytes()))
}

fn fd_fdstat_set_flags(env: Env<'_>, fd: Fd, flags: u32) -> Answer {
    call(&env, |fds, _| fds.set_flags(fd, FdFlags::from_bits_retain(low_half(flags))))
}

/// Rights are fixed when a descriptor is opened, as in POSIX, so that this has no effect.
fn fd_fdstat_set_rights(env: Env<'_>, fd: Fd, _rights: u64, _inheriting: u64) -> Answer {
    call(&env, |fds, _| fds.flags_ext(fd).map(drop))
}

fn fd_filestat_get(env: Env<'_>, fd: Fd, stat: u32) -> Answer {
    call(&env, |fds, memory| memory.write(stat, &fds.filestat(fd)?.to_bytes()))
}

fn fd_filestat_set_size(env: Env<'_>, fd: Fd, len: u64) -> Answer {
    call(&env, |fds, _| fds.set_len(fd, len))
}

fn fd_filestat_set_times(env: Env<'_>, fd: Fd, accessed: u64, modified: u64, which: u32) -> Answer {
    let which = FstFlags::from_bits_retain(low_half(which));
    call(&env, |fds, _| fds.set_times(fd, accessed, modified, which))
}

fn fd_prestat_get(env: Env<'_>, fd: Fd, prestat: u32) -> Answer {
    call(&env, |fds, memory| {
        let len = u32::try_from(fds.preopened(fd)?.len()).map_err(|_| Errno::Overflow)?;
        // The tag of a folder is 0; the aligned length of its name follows.
        memory.write_u32(prestat, 0)?;
        memory.write_u32(prestat.checked_add(4).ok_or(Errno::Fault)?, len)
    })
}

fn fd_prestat_dir_name(env: Env<'_>, fd: Fd, name: u32, len: u32) -> Answer {
    call(&env, |fds, memory| {
        let path = fds.preopened(fd)?.as_bytes();
        let fits = usize::try_from(len).is_ok_and(|len| len >= path.len());
        if fits { memory.write(name, path) } else { Err(Errno::Nametoolong) }
    })
}

fn fd_readdir(env: Env<'_>, fd: Fd, buf: u32, len: u32, cookie: u64, filled: u32) -> Answer {
    call(&env, |fds, memory| {
        memory.check(buf, len)?;
        let room = usize::try_from(len).map_err(|_| Errno::Overflow)?;
        let mut bytes = vec![0; room.min(LISTED)];
        let used = loop {
            let used = fds.list(fd, cookie, &mut bytes)?;
            if used < bytes.len() || bytes.len() == room {
                break used;
            }
            // There is more: a listing that does not fill the guest's buffer would mean its end.
            bytes.resize(room.min(bytes.len() * 2), 0);
        };
        memory.write(buf, &bytes[..used])?;
        memory.write_u32(filled, u32::try_from(used).map_err(|_| Errno::Overflow)?)
    })
}

fn getcwd(env: Env<'_>, path: u32, len: u32) -> Answer {
    call(&env, |fds, memory| {
        let room = memory.read_u32(len)?;
        let current = fds.current_dir();
        let text = VPath::bytes_of(current.as_str());
        let needed = u32::try_from(text.len()).map_err(|_| Errno::Overflow)?;
        memory.write_u32(len, needed)?;
        if needed > room {
            return Err(Errno::Range);
        }
        memory.write(path, &text)?;
        // C expects a terminating zero, if there is room for one.
        if needed < room { memory.write(path.checked_add(needed).ok_or(Errno::Fault)?, &[0]) } else { Ok(()) }
    })
}

fn chdir(env: Env<'_>, path: u32, len: u32) -> Answer {
    call(&env, |fds, memory| fds.set_current_dir(&memory.read_string(path, len)?))
}

fn path_create_directory(env: Env<'_>, dir: Fd, path: u32, len: u32) -> Answer {
    call(&env, |fds, memory| fds.create_directory(dir, &memory.read_string(path, len)?))
}

fn path_filestat_get(env: Env<'_>, dir: Fd, lookup: u32, path: u32, len: u32, stat: u32) -> Answer {
    call(&env, |fds, memory| {
        let (lookup, path) = (Lookup::from_bits_retain(lookup), memory.read_string(path, len)?);
        memory.write(stat, &fds.path_filestat(dir, lookup, &path)?.to_bytes())
    })
}

#[expect(clippy::too_many_arguments, reason = "WASI's signature")]
fn path_filestat_set_times(
    env: Env<'_>,
    dir: Fd,
    lookup: u32,
    path: u32,
    len: u32,
    accessed: u64,
    modified: u64,
    which: u32,
) -> Answer {
    call(&env, |fds, memory| {
        let path = memory.read_string(path, len)?;
        let (lookup, which) = (Lookup::from_bits_retain(lookup), FstFlags::from_bits_retain(low_half(which)));
        fds.path_set_times(dir, lookup, &path, accessed, modified, which)
    })
}

#[expect(clippy::too_many_arguments, reason = "WASI's signature")]
fn path_link(
    env: Env<'_>,
    from_dir: Fd,
    _lookup: u32,
    from: u32,
    from_len: u32,
    to_dir: Fd,
    to: u32,
    to_len: u32,
) -> Answer {
    call(&env, |fds, memory| {
        let (from, to) = (memory.read_string(from, from_len)?, memory.read_string(to, to_len)?);
        fds.link(from_dir, &from, to_dir, &to)
    })
}

#[expect(clippy::too_many_arguments, reason = "WASI's signature")]
fn path_open(
    env: Env<'_>,
    dir: Fd,
    lookup: u32,
    path: u32,
    len: u32,
    oflags: u32,
    rights: u64,
    inheriting: u64,
    flags: u32,
    made: u32,
) -> Answer {
    path_open2(env, dir, lookup, path, len, oflags, rights, inheriting, flags, 0, made)
}

#[expect(clippy::too_many_arguments, reason = "WASIX's signature")]
fn path_open2(
    env: Env<'_>,
    dir: Fd,
    lookup: u32,
    path: u32,
    len: u32,
    oflags: u32,
    rights: u64,
    _inheriting: u64,
    flags: u32,
    flags_ext: u32,
    made: u32,
) -> Answer {
    call(&env, |fds, memory| {
        let path = memory.read_string(path, len)?;
        let flags = OpenFlags::new(Rights::from_bits_retain(rights))
            .lookup(Lookup::from_bits_retain(lookup))
            .oflags(OFlags::from_bits_retain(low_half(oflags)))
            .fdflags(FdFlags::from_bits_retain(low_half(flags)))
            .fdflags_ext(FdFlagsExt::from_bits_retain(low_half(flags_ext)));
        let fd = fds.open(dir, &path, flags)?;
        // A descriptor that the guest does not get would stay open until the job ends.
        memory.write_u32(made, fd).inspect_err(|_| {
            let _ = fds.close(fd);
        })
    })
}

fn path_readlink(env: Env<'_>, dir: Fd, path: u32, len: u32, buf: u32, room: u32, filled: u32) -> Answer {
    call(&env, |fds, memory| {
        let text = fds.read_link(dir, &memory.read_string(path, len)?)?;
        let text = VPath::bytes_of(&text);
        // Truncated to the buffer, as by `readlink`.
        let fitting = usize::try_from(room).map_or(text.len(), |room| room.min(text.len()));
        memory.write(buf, &text[..fitting])?;
        memory.write_u32(filled, u32::try_from(fitting).map_err(|_| Errno::Overflow)?)
    })
}

fn path_remove_directory(env: Env<'_>, dir: Fd, path: u32, len: u32) -> Answer {
    call(&env, |fds, memory| fds.remove_directory(dir, &memory.read_string(path, len)?))
}

fn path_rename(
    env: Env<'_>,
    from_dir: Fd,
    from: u32,
    from_len: u32,
    to_dir: Fd,
    to: u32,
    to_len: u32,
) -> Answer {
    call(&env, |fds, memory| {
        let (from, to) = (memory.read_string(from, from_len)?, memory.read_string(to, to_len)?);
        fds.rename(from_dir, &from, to_dir, &to)
    })
}

fn path_symlink(env: Env<'_>, text: u32, text_len: u32, dir: Fd, link: u32, len: u32) -> Answer {
    call(&env, |fds, memory| {
        fds.symlink(&memory.read_string(text, text_len)?, dir, &memory.read_string(link, len)?)
    })
}

fn path_unlink_file(env: Env<'_>, dir: Fd, path: u32, len: u32) -> Answer {
    call(&env, |fds, memory| fds.unlink(dir, &memory.read_string(path, len)?))
}

/// Random bytes have the same source as the guest's `/dev/urandom`, so that a seed determines both.
fn random_get(env: Env<'_>, buf: u32, len: u32) -> Answer {
    let bounce = &env.data().bounce;
    call(&env, |fds, memory| bounce.fill(memory, (buf, len), |bytes| fds.random(bytes)))
}

/// Waits for descriptors and clocks. Clocks alone are passed to wasmer-wasix.
fn poll_oneoff(mut env: Env<'_>, subscriptions: u32, events: u32, count: u32, done: u32) -> Answer {
    let poll = Poll { subscriptions, events, count, done };
    let started = Instant::now();
    loop {
        let mut found = Found::OnlyClocks;
        let answer = call(&env, |fds, memory| {
            found = poll.look(fds, memory, started.elapsed())?;
            Ok(())
        })?;
        match found {
            _ if answer != 0 => return Ok(answer),
            Found::Events => return Ok(0),
            Found::Nothing(time) => std::thread::sleep(time),
            Found::OnlyClocks => break,
        }
    }
    let (files, mut store) = env.data_and_store_mut();
    match files.poll.clone() {
        Some(sleep) => sleep.call(&mut store, subscriptions, events, count, done),
        None => Ok(i32::from(Errno::Notsup.raw())),
    }
}

/// Returns WASI's 16-bit flags, which are passed in 32 bits.
fn low_half(flags: u32) -> u16 {
    let [a, b, ..] = flags.to_le_bytes();
    u16::from_le_bytes([a, b])
}
