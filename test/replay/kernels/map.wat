  (func (;map_0;) (param i32 i32 i32 i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128)
    local.get 2
    i32.load
    local.set 4
    local.get 2
    i32.load offset=4
    local.set 5
    local.get 2
    i32.load offset=8
    local.set 6
    local.get 0
    local.set 10
    local.get 10
    local.set 12
    local.get 12
    local.set 7
    local.get 7
    i32.const 256
    i32.mul
    local.set 8
    i32.const 0
    local.set 9
    local.get 0
    local.set 13
    block
      local.get 13
      local.get 1
      i32.ge_s
      br_if 0
      loop
        local.get 8
        local.get 4
        i32.add
        local.set 14
        local.get 9
        local.get 5
        i32.add
        local.set 15
        local.get 8
        local.get 6
        i32.add
        local.set 16
        i32.const 64
        local.set 17
        block
          local.get 17
          i32.const 8
          i32.lt_s
          br_if 0
          loop
            local.get 14
            v128.load
            local.get 15
            v128.load
            f32x4.add
            local.set 18
            local.get 18
            f32x4.abs
            local.set 19
            local.get 18
            local.get 18
            f32x4.mul
            local.set 20
            v128.const i32x4 0xbbbaf0ea 0xbbbaf0ea 0xbbbaf0ea 0xbbbaf0ea
            local.get 20
            v128.const i32x4 0x3ca9134e 0x3ca9134e 0x3ca9134e 0x3ca9134e
            f32x4.relaxed_madd
            local.get 20
            v128.const i32x4 0xbd5c1e2d 0xbd5c1e2d 0xbd5c1e2d 0xbd5c1e2d
            f32x4.relaxed_madd
            local.get 20
            v128.const i32x4 0x3e088393 0x3e088393 0x3e088393 0x3e088393
            f32x4.relaxed_madd
            local.get 20
            v128.const i32x4 0xbeaaaa99 0xbeaaaa99 0xbeaaaa99 0xbeaaaa99
            f32x4.relaxed_madd
            local.get 20
            f32x4.mul
            local.get 18
            local.get 18
            f32x4.relaxed_madd
            local.set 21
            local.get 19
            local.get 19
            f32x4.add
            v128.const i32x4 0xc2d00000 0xc2d00000 0xc2d00000 0xc2d00000
            f32x4.pmax
            v128.const i32x4 0x42b20000 0x42b20000 0x42b20000 0x42b20000
            f32x4.pmin
            local.set 22
            local.get 22
            v128.const i32x4 0x3fb8aa3b 0x3fb8aa3b 0x3fb8aa3b 0x3fb8aa3b
            v128.const i32x4 0x4b400000 0x4b400000 0x4b400000 0x4b400000
            f32x4.relaxed_madd
            local.set 23
            local.get 23
            v128.const i32x4 0x4b400000 0x4b400000 0x4b400000 0x4b400000
            f32x4.sub
            local.set 24
            local.get 24
            v128.const i32x4 0xb95e8083 0xb95e8083 0xb95e8083 0xb95e8083
            local.get 24
            v128.const i32x4 0x3f318000 0x3f318000 0x3f318000 0x3f318000
            local.get 22
            f32x4.relaxed_nmadd
            f32x4.relaxed_nmadd
            local.set 25
            local.get 23
            v128.const i32x4 0x4b400000 0x4b400000 0x4b400000 0x4b400000
            i32x4.sub
            local.set 26
            local.get 26
            i32.const 1
            i32x4.shr_s
            local.set 27
            local.get 21
            v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000
            v128.const i32x4 0x40000000 0x40000000 0x40000000 0x40000000
            local.get 25
            local.get 25
            f32x4.mul
            v128.const i32x4 0x39506967 0x39506967 0x39506967 0x39506967
            local.get 25
            v128.const i32x4 0x3ab743ce 0x3ab743ce 0x3ab743ce 0x3ab743ce
            f32x4.relaxed_madd
            local.get 25
            v128.const i32x4 0x3c088908 0x3c088908 0x3c088908 0x3c088908
            f32x4.relaxed_madd
            local.get 25
            v128.const i32x4 0x3d2aa9c1 0x3d2aa9c1 0x3d2aa9c1 0x3d2aa9c1
            f32x4.relaxed_madd
            local.get 25
            v128.const i32x4 0x3e2aaaaa 0x3e2aaaaa 0x3e2aaaaa 0x3e2aaaaa
            f32x4.relaxed_madd
            local.get 25
            v128.const i32x4 0x3f000000 0x3f000000 0x3f000000 0x3f000000
            f32x4.relaxed_madd
            local.get 25
            f32x4.relaxed_madd
            v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000
            f32x4.add
            local.get 27
            v128.const i32x4 0x0000007f 0x0000007f 0x0000007f 0x0000007f
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            local.get 26
            local.get 27
            i32x4.sub
            v128.const i32x4 0x0000007f 0x0000007f 0x0000007f 0x0000007f
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000
            f32x4.add
            f32x4.div
            f32x4.sub
            local.get 18
            v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000
            v128.and
            v128.or
            local.get 19
            v128.const i32x4 0x3f200000 0x3f200000 0x3f200000 0x3f200000
            f32x4.lt
            v128.bitselect
            local.set 28
            local.get 14
            v128.load offset=16
            local.get 15
            v128.load offset=16
            f32x4.add
            local.set 29
            local.get 29
            f32x4.abs
            local.set 30
            local.get 29
            local.get 29
            f32x4.mul
            local.set 31
            v128.const i32x4 0xbbbaf0ea 0xbbbaf0ea 0xbbbaf0ea 0xbbbaf0ea
            local.get 31
            v128.const i32x4 0x3ca9134e 0x3ca9134e 0x3ca9134e 0x3ca9134e
            f32x4.relaxed_madd
            local.get 31
            v128.const i32x4 0xbd5c1e2d 0xbd5c1e2d 0xbd5c1e2d 0xbd5c1e2d
            f32x4.relaxed_madd
            local.get 31
            v128.const i32x4 0x3e088393 0x3e088393 0x3e088393 0x3e088393
            f32x4.relaxed_madd
            local.get 31
            v128.const i32x4 0xbeaaaa99 0xbeaaaa99 0xbeaaaa99 0xbeaaaa99
            f32x4.relaxed_madd
            local.get 31
            f32x4.mul
            local.get 29
            local.get 29
            f32x4.relaxed_madd
            local.set 32
            local.get 30
            local.get 30
            f32x4.add
            v128.const i32x4 0xc2d00000 0xc2d00000 0xc2d00000 0xc2d00000
            f32x4.pmax
            v128.const i32x4 0x42b20000 0x42b20000 0x42b20000 0x42b20000
            f32x4.pmin
            local.set 33
            local.get 33
            v128.const i32x4 0x3fb8aa3b 0x3fb8aa3b 0x3fb8aa3b 0x3fb8aa3b
            v128.const i32x4 0x4b400000 0x4b400000 0x4b400000 0x4b400000
            f32x4.relaxed_madd
            local.set 34
            local.get 34
            v128.const i32x4 0x4b400000 0x4b400000 0x4b400000 0x4b400000
            f32x4.sub
            local.set 35
            local.get 35
            v128.const i32x4 0xb95e8083 0xb95e8083 0xb95e8083 0xb95e8083
            local.get 35
            v128.const i32x4 0x3f318000 0x3f318000 0x3f318000 0x3f318000
            local.get 33
            f32x4.relaxed_nmadd
            f32x4.relaxed_nmadd
            local.set 36
            local.get 34
            v128.const i32x4 0x4b400000 0x4b400000 0x4b400000 0x4b400000
            i32x4.sub
            local.set 37
            local.get 37
            i32.const 1
            i32x4.shr_s
            local.set 38
            local.get 32
            v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000
            v128.const i32x4 0x40000000 0x40000000 0x40000000 0x40000000
            local.get 36
            local.get 36
            f32x4.mul
            v128.const i32x4 0x39506967 0x39506967 0x39506967 0x39506967
            local.get 36
            v128.const i32x4 0x3ab743ce 0x3ab743ce 0x3ab743ce 0x3ab743ce
            f32x4.relaxed_madd
            local.get 36
            v128.const i32x4 0x3c088908 0x3c088908 0x3c088908 0x3c088908
            f32x4.relaxed_madd
            local.get 36
            v128.const i32x4 0x3d2aa9c1 0x3d2aa9c1 0x3d2aa9c1 0x3d2aa9c1
            f32x4.relaxed_madd
            local.get 36
            v128.const i32x4 0x3e2aaaaa 0x3e2aaaaa 0x3e2aaaaa 0x3e2aaaaa
            f32x4.relaxed_madd
            local.get 36
            v128.const i32x4 0x3f000000 0x3f000000 0x3f000000 0x3f000000
            f32x4.relaxed_madd
            local.get 36
            f32x4.relaxed_madd
            v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000
            f32x4.add
            local.get 38
            v128.const i32x4 0x0000007f 0x0000007f 0x0000007f 0x0000007f
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            local.get 37
            local.get 38
            i32x4.sub
            v128.const i32x4 0x0000007f 0x0000007f 0x0000007f 0x0000007f
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000
            f32x4.add
            f32x4.div
            f32x4.sub
            local.get 29
            v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000
            v128.and
            v128.or
            local.get 30
            v128.const i32x4 0x3f200000 0x3f200000 0x3f200000 0x3f200000
            f32x4.lt
            v128.bitselect
            local.set 39
            local.get 16
            local.get 28
            v128.store
            local.get 16
            local.get 39
            v128.store offset=16
            local.get 14
            i32.const 32
            i32.add
            local.set 14
            local.get 15
            i32.const 32
            i32.add
            local.set 15
            local.get 16
            i32.const 32
            i32.add
            local.set 16
            local.get 17
            i32.const -8
            i32.add
            local.set 17
            local.get 17
            i32.const 8
            i32.ge_s
            br_if 0
          end
        end
        local.get 7
        i32.const 1
        i32.add
        local.set 7
        local.get 8
        i32.const 256
        i32.add
        local.set 8
        local.get 13
        i32.const 1
        i32.add
        local.set 13
        local.get 13
        local.get 1
        i32.lt_s
        br_if 0
      end
    end
  )
